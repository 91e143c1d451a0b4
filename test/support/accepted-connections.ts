import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Notes the connections that a process takes, and at its end what came over each. */
const probe = `
import { subscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";
const taken = [];
subscribe("net.server.socket", ({ socket }) => taken.push([socket.remotePort, socket]));
process.on("exit", () => {
  const rows = taken.map(([port, socket]) => [port, socket.bytesRead]);
  writeFileSync(process.env.TEST_CONNECTIONS_FILE, JSON.stringify(rows));
});
`;

/** What a server process has taken of the network. */
export interface AcceptedConnections {
  /** For the process to be watched. */
  readonly env: Readonly<Record<string, string>>;
  /** Once it has ended: how many bytes it has read of the connection from each port. */
  bytesByPort(): Promise<ReadonlyMap<number, number>>;
}

/** Watches a process of Node.js from within, for the length of a test. */
export async function watchConnections(): Promise<AcceptedConnections> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-connections-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "connections.json");
  const module = `data:text/javascript,${encodeURIComponent(probe)}`;
  return {
    env: { TEST_CONNECTIONS_FILE: file, NODE_OPTIONS: `--import=${module}` },
    bytesByPort: async () => new Map(JSON.parse(await readFile(file, "utf8"))),
  };
}
