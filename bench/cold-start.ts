import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer as createHttpServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { packCode } from "../src/app/bundle/pack-code.ts";
import { readCpu } from "./cpu-time.ts";
import { median } from "./median.ts";

/** How a server starts, medians over all its starts. */
export interface ColdStart {
  readonly name: string;
  /** From the start of the process to the first 200 of `/health`. */
  readonly healthMs: number;
  /** Compared with the bare server of the same round. */
  readonly ratio: number;
  /** CPU time of all threads until then, which depends less on what else the machine does. */
  readonly cpuMs: number;
  /** Resident memory once it has been idle for a while. */
  readonly idleMiB: number;
  readonly starts: number;
}

const pollMs = 2;
const patienceMs = 30_000;
const idleAfterMs = 1_000;

const bareScript =
  'require("node:http").createServer((q, a) => a.end("{}")).listen(process.env.PORT, "127.0.0.1")';

/** Starts the built commands several times in turns, beside a bare server; undefined when they have not been built. */
export async function measureColdStart(
  dist: string,
  starts: number,
): Promise<readonly ColdStart[] | undefined> {
  const [cli, launcher] = [join(dist, "cli.js"), join(dist, "app/runtime/main.js")];
  if ((await stat(cli).catch(() => undefined)) === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-bench-"));
  const controlPlane = await startRefusing();
  const endpoint = addressOf(controlPlane);
  const plans: readonly StartPlan[] = [
    { name: "bare node:http", args: ["-e", bareScript] },
    { name: "flyte-app, a Fastify app", args: [launcher, ...(await pack("plain", folder))] },
    {
      name: "flyte-app, with passthrough",
      args: [launcher, ...(await pack("passthrough", folder))],
    },
    { name: "flyte-webhook serve", args: [cli, "serve"] },
  ];
  const rounds: StartResult[][] = [];
  try {
    for (let index = 0; index < starts; index += 1) {
      const round: StartResult[] = [];
      for (const plan of plans) round.push(await startOnce(plan, folder, endpoint));
      rounds.push(round);
    }
  } finally {
    controlPlane.close();
    controlPlane.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  }
  return plans.map(({ name }, at) => {
    const medianOf = (read: (one: StartResult, bare: StartResult) => number): number =>
      median(rounds.map((round) => read(round[at] ?? none, round[0] ?? none)));
    return {
      name,
      healthMs: medianOf(({ healthMs }) => healthMs),
      ratio: medianOf(({ healthMs }, bare) => healthMs / bare.healthMs),
      cpuMs: medianOf(({ cpuMs }) => cpuMs),
      idleMiB: medianOf(({ idleMiB }) => idleMiB),
      starts,
    };
  });
}

interface StartPlan {
  readonly name: string;
  readonly args: readonly string[];
}

type StartResult = Pick<ColdStart, "healthMs" | "cpuMs" | "idleMiB">;

const none: StartResult = { healthMs: Number.NaN, cpuMs: Number.NaN, idleMiB: Number.NaN };

/** The arguments by which the launcher runs an app of this folder, as `deploy` packs it. */
async function pack(app: string, folder: string): Promise<readonly string[]> {
  const { bytes } = await packCode(join(import.meta.dirname, "apps", `${app}.ts`), []);
  const file = join(folder, `${app}.tgz`);
  await writeFile(file, bytes);
  return ["--tgz", pathToFileURL(file).href, app];
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
  { name, args }: StartPlan,
  cwd: string,
  endpoint: string,
): Promise<StartResult> {
  const port = await freePort();
  const from = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: "ignore",
    env: {
      ...process.env,
      PORT: String(port),
      FLYTE_APP_HOST: "127.0.0.1",
      FLYTE_ENDPOINT: endpoint,
      FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
      FLYTE_INTERNAL_EXECUTION_DOMAIN: "development",
    },
  });
  const exited = once(child, "exit");
  try {
    while (!(await isHealthy(port))) {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}.`);
      if (performance.now() - from > patienceMs) throw new Error(`${name} does not get healthy.`);
      await delay(pollMs);
    }
    const healthMs = performance.now() - from;
    const { processMs: cpuMs } = await readCpu(child.pid ?? 0);
    await delay(idleAfterMs);
    return { healthMs, cpuMs, idleMiB: await residentMiB(child.pid ?? 0) };
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
