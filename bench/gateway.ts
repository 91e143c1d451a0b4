import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../src/app/serve/free-port.ts";
import { Spec_DesiredState } from "../src/idl/apps.ts";
import { fromSource, ServerProcess } from "../test/support/dev-process.ts";
import { type AppsClient, appId, appNamed, connectApps } from "../test/support/devbox-apps.ts";
import { readCpu } from "./cpu-time.ts";
import { type Load, type LoadResult, runLoad } from "./load.ts";
import { median } from "./median.ts";

export interface GatewayResult {
  readonly connections: number;
  readonly throughput: readonly GatewayRow[];
  readonly starts: readonly GatewayStart[];
}

export interface GatewayRow {
  readonly name: string;
  readonly requestsPerSecond: number;
  /** Compared with the same app called directly, in the same round. */
  readonly ofDirect: number;
  /** CPU time by request: of the devbox, which is the gateway, or of the bare proxy; and of the app. */
  readonly gatewayCpuMicros: number;
  /** The former compared with the bare proxy's, in the same round. */
  readonly ofProxy: number;
  readonly appCpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

export interface GatewayStart {
  readonly name: string;
  /** From the request to a sleeping app to the end of its answer. */
  readonly throughGatewayMs: number;
  /** From the start of the same process to the end of its first answer. */
  readonly bareMs: number;
  readonly ratio: number;
}

export interface GatewayBenchOptions {
  /** The built command; the sources are run where it has not been built. */
  readonly cli: string;
  readonly connections: number;
  readonly roundMs: number;
  readonly rounds: number;
  /** Cold starts of each app. */
  readonly starts: number;
}

/** Answers with its own port: where it can be called directly. */
const appScript = `
  require("node:http").createServer((request, response) => {
    const body = process.env.PORT;
    response.writeHead(200, { "content-type": "text/plain", "content-length": body.length }).end(body);
  }).listen(process.env.PORT, "127.0.0.1");`;

/** What passing on costs at the least with `node:http` on both sides. */
const proxyScript = `
  const { Agent, createServer, request: createRequest } = require("node:http");
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });
  const port = process.argv[1];
  createServer((request, response) => {
    const { method, url: path, headers } = request;
    const sent = createRequest({ host: "127.0.0.1", port, method, path, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    sent.on("error", () => response.destroy());
    request.pipe(sent);
  }).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

const proxyName = "bare node:http proxy";

const pollMs = 2;
const patienceMs = 60_000;

/** What stands in for a person: the apps, and how to reach them. */
interface Bench {
  readonly apps: AppsClient["apps"];
  readonly port: number;
  readonly pid: number;
  readonly key: string;
  readonly options: GatewayBenchOptions;
}

/** Calls an app directly and through the gateway in turns, and wakes apps that sleep. */
export async function measureGateway(options: GatewayBenchOptions): Promise<GatewayResult> {
  const args = ["devbox", "--state", "memory", "--port", "0", "--gateway-port", "0"];
  await using server = await ServerProcess.start(args, { command: commandOf(options.cli) });
  const { controlPlane: url, gateway, keys } = server.ready;
  const bench: Bench = {
    apps: connectApps({ url, keys }, "alice").apps,
    port: Number(new URL(gateway ?? "").port),
    pid: server.process.pid ?? 0,
    key: keys["alice"] ?? "",
    options,
  };
  const throughput = await measureThroughput(bench);
  const webhook = [
    ...commandOf(options.cli),
    "serve",
    "--allow-anonymous",
    "--log-level",
    "silent",
  ];
  const starts = [
    await measureStarts(bench, "trivial", {
      command: [process.execPath, "-e", appScript],
      bare: [process.execPath, "-e", appScript],
      path: "/",
    }),
    await measureStarts(bench, "webhook", {
      command: ["flyte-webhook", "serve", "--allow-anonymous", "--log-level", "silent"],
      bare: webhook,
      path: "/health",
      env: {
        FLYTE_ENDPOINT: url,
        FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
        FLYTE_INTERNAL_EXECUTION_DOMAIN: "development",
      },
    }),
  ];
  return { connections: options.connections, throughput, starts };
}

function commandOf(cli: string): string[] {
  return existsSync(cli) ? [process.execPath, cli] : [...fromSource];
}

async function measureThroughput(bench: Bench): Promise<GatewayRow[]> {
  const { connections, roundMs, rounds } = bench.options;
  const command = [process.execPath, "-e", appScript];
  const open = await deploy(bench, "open", command, 1, true);
  const fenced = await deploy(bench, "fenced", command, 1, false);
  const load = { method: "GET", path: "/", connections, durationMs: roundMs } as const;
  const direct: Load = { ...load, port: Number(await ask(bench, open, "/")) };
  const proxy = spawn(process.execPath, ["-e", proxyScript, String(direct.port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [proxyPort] = (await once(proxy.stdout, "data")) as [Buffer];
  const loads: Readonly<Record<string, Load>> = {
    "called directly": direct,
    [proxyName]: { ...load, port: Number(proxyPort.toString()) },
    "through the gateway": { ...load, port: bench.port, host: open },
    "with a credential": { ...load, port: bench.port, host: fenced, key: bench.key },
  };
  await ask(bench, fenced, "/");
  const results = new Map<string, MeasuredLoad[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, one] of Object.entries(loads)) {
      const between = name === proxyName ? (proxy.pid ?? 0) : bench.pid;
      const before = [await readCpu(between), await readCpu(bench.pid)] as const;
      const load = await runLoad(one);
      const after = [await readCpu(between), await readCpu(bench.pid)] as const;
      const result = {
        ...load,
        gatewayCpuMicros: (1000 * (after[0].processMs - before[0].processMs)) / load.requests,
        appCpuMicros: (1000 * (after[1].descendantsMs - before[1].descendantsMs)) / load.requests,
      };
      // The first round warms up.
      if (round > 0) results.set(name, [...(results.get(name) ?? []), result]);
    }
  }
  await end(proxy);
  const speedOf = (result: LoadResult | undefined): number =>
    result === undefined ? Number.NaN : result.requests / result.seconds;
  return [...results].map(([name, all]) => ({
    name,
    requestsPerSecond: median(all.map(speedOf)),
    ofDirect: median(
      all.map(
        (result, round) => speedOf(result) / speedOf(results.get("called directly")?.[round]),
      ),
    ),
    gatewayCpuMicros: median(all.map(({ gatewayCpuMicros }) => gatewayCpuMicros)),
    ofProxy: median(
      all.map(
        ({ gatewayCpuMicros }, round) =>
          gatewayCpuMicros / (results.get(proxyName)?.[round]?.gatewayCpuMicros ?? Number.NaN),
      ),
    ),
    appCpuMicros: median(all.map(({ appCpuMicros }) => appCpuMicros)),
    p50Ms: median(all.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(all.map(({ p99Ms }) => p99Ms)),
    failures: all.reduce((sum, { failures }) => sum + failures, 0),
  }));
}

type MeasuredLoad = LoadResult & Pick<GatewayRow, "gatewayCpuMicros" | "appCpuMicros">;

interface StartPlan {
  readonly command: readonly string[];
  readonly bare: readonly string[];
  readonly path: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function measureStarts(bench: Bench, name: string, plan: StartPlan): Promise<GatewayStart> {
  const host = await deploy(bench, name, plan.command, 0, false);
  const throughGateway: number[] = [];
  const bare: number[] = [];
  await ask(bench, host, plan.path);
  for (let index = 0; index < bench.options.starts; index += 1) {
    await asleep(bench, name);
    const from = performance.now();
    await ask(bench, host, plan.path);
    throughGateway.push(performance.now() - from);
    bare.push(await startBare(plan));
  }
  const [throughGatewayMs, bareMs] = [median(throughGateway), median(bare)];
  return { name, throughGatewayMs, bareMs, ratio: throughGatewayMs / bareMs };
}

/** Makes an app; gives its host name. It sleeps after a second when it may have no replica. */
async function deploy(
  { apps }: Bench,
  name: string,
  command: readonly string[],
  min: number,
  allowAnonymous: boolean,
): Promise<string> {
  const app = appNamed(name, {
    command: [...command],
    state: Spec_DesiredState.ACTIVE,
    spec: {
      securityContext: { allowAnonymous },
      autoscaling: { replicas: { min, max: 1 }, scaledownPeriod: { seconds: 1n } },
    },
  });
  const { app: made } = await apps.create({ app });
  return new URL(made?.status?.ingress?.publicUrl ?? "").host;
}

async function asleep({ apps }: Bench, name: string): Promise<void> {
  const identifier = { case: "appId", value: appId(name) } as const;
  const until = performance.now() + patienceMs;
  while (((await apps.get({ identifier })).app?.status?.currentReplicas ?? 0) > 0) {
    if (performance.now() > until) throw new Error(`${name} does not go to sleep.`);
    await delay(50);
  }
  // Its process is gone, too.
  await delay(200);
}

async function ask({ port, key }: Bench, host: string, path: string): Promise<string> {
  const headers = { host, authorization: `Bearer ${key}` };
  const agent = new Agent();
  const sent = request({ host: "127.0.0.1", port, path, headers, agent }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const body = await text(answer);
  agent.destroy();
  if (answer.statusCode !== 200) throw new Error(`${host} answered ${answer.statusCode}: ${body}`);
  return body;
}

async function startBare({ bare, path, env = {} }: StartPlan): Promise<number> {
  const [program = "", ...args] = bare;
  const port = await freePort("bench", "127.0.0.1", 0);
  const from = performance.now();
  const child = spawn(program, args, {
    stdio: "ignore",
    env: { ...process.env, ...env, PORT: String(port) },
  });
  try {
    while (!(await answers(port, path))) {
      if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}.`);
      if (performance.now() - from > patienceMs) throw new Error(`${program} does not answer.`);
      await delay(pollMs);
    }
    return performance.now() - from;
  } finally {
    await end(child);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill();
  await exited;
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host: "127.0.0.1", port, path, agent: false }, (answer) => {
      answer.resume();
      answer.once("end", () => resolve(answer.statusCode === 200));
    });
    sent.once("error", () => resolve(false)).end();
  });
}
