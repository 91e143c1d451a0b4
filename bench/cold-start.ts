import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { createServer as createHttpServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { median } from "./median.ts";

export interface ColdStart {
  /** From the start of the process to the first 200 of `/health`, median. */
  readonly healthMs: number;
  /** Resident memory once it has been idle for a while, median. */
  readonly idleMiB: number;
  readonly starts: number;
}

const pollMs = 2;
const patienceMs = 15_000;
const idleAfterMs = 1_000;

/** Starts the built command several times; undefined when it has not been built. */
export async function measureColdStart(
  cli: string,
  starts: number,
): Promise<ColdStart | undefined> {
  if ((await stat(cli).catch(() => undefined)) === undefined) return undefined;
  const healthMs: number[] = [];
  const idleMiB: number[] = [];
  const controlPlane = await startRefusing();
  try {
    for (let index = 0; index < starts; index += 1) {
      const one = await startOnce(cli, addressOf(controlPlane));
      healthMs.push(one.healthMs);
      idleMiB.push(one.idleMiB);
    }
  } finally {
    controlPlane.close();
    controlPlane.closeAllConnections();
  }
  return { healthMs: median(healthMs), idleMiB: median(idleMiB), starts };
}

/** All that a start asks of a control plane: whether it refuses strangers. */
async function startRefusing(): Promise<Server> {
  const server = createHttpServer((_request, response) => {
    response.writeHead(401, { "content-type": "application/json" });
    response.end('{"code":"unauthenticated"}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function addressOf(server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

async function startOnce(
  cli: string,
  endpoint: string,
): Promise<{ healthMs: number; idleMiB: number }> {
  const port = await freePort();
  const from = performance.now();
  const child = spawn(process.execPath, [cli, "serve", "--port", String(port)], {
    stdio: "ignore",
    env: {
      ...process.env,
      FLYTE_ENDPOINT: endpoint,
      FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
      FLYTE_INTERNAL_EXECUTION_DOMAIN: "development",
    },
  });
  const exited = once(child, "exit");
  try {
    while (!(await isHealthy(port))) {
      if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}.`);
      if (performance.now() - from > patienceMs) throw new Error("serve does not get healthy.");
      await delay(pollMs);
    }
    const healthMs = performance.now() - from;
    await delay(idleAfterMs);
    return { healthMs, idleMiB: await residentMiB(child.pid ?? 0) };
  } finally {
    child.kill();
    await exited;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** By hand: `fetch` would take longer to load than a poll takes. */
function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write("GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    });
    socket.once("data", (chunk) => {
      socket.destroy();
      resolve(chunk.toString("latin1").startsWith("HTTP/1.1 200"));
    });
    socket.once("error", () => resolve(false));
  });
}

/** NaN where there is no `/proc`. */
async function residentMiB(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s*(\d+)/m.exec(text)?.[1] ?? Number.NaN) / 1024;
}
