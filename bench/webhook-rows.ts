import { bundleServers } from "./bundle.ts";
import { Child } from "./child.ts";
import { type Load, runLoad } from "./load.ts";
import { median } from "./median.ts";

/** One kind of request, measured. */
export interface Row {
  readonly name: string;
  /** Calls to the control plane that one request causes. */
  readonly rpcs: number;
  readonly requestsPerSecond: number;
  readonly cpuMicros: number;
  /** The least of all rounds: what it costs when nothing else disturbs the caches. */
  readonly bestCpuMicros: number;
  /** CPU as a multiple of the bare proxy's in the same round, median. */
  readonly proxies: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly memoryMiB: number;
  readonly failures: number;
}

type Target = Pick<Load, "method" | "path" | "body">;

interface Scenario {
  readonly name: string;
  readonly rpcs: number;
  readonly server: "proxy" | "webhook";
  readonly target: Target;
}

const runTask = "/run-task/development/flytesnacks/stats.describe";
const body = JSON.stringify({ values: [3, 1, 4, 1, 5, 9, 2.6] });
const baseline = "bare pass-through proxy";

const scenarios: readonly Scenario[] = [
  { name: "bare node:http", rpcs: 0, server: "proxy", target: { method: "GET", path: "/health" } },
  { name: baseline, rpcs: 1, server: "proxy", target: { method: "POST", path: "/", body } },
  { name: "health", rpcs: 0, server: "webhook", target: { method: "GET", path: "/health" } },
  { name: "me", rpcs: 1, server: "webhook", target: { method: "GET", path: "/me" } },
  {
    name: "get_run",
    rpcs: 1,
    server: "webhook",
    target: { method: "GET", path: "/run/r0123456789abcdefghi" },
  },
  {
    name: "run_task, named version",
    rpcs: 2,
    server: "webhook",
    target: { method: "POST", path: `${runTask}?version=1`, body },
  },
  {
    name: "run_task, latest version",
    rpcs: 3,
    server: "webhook",
    target: { method: "POST", path: runTask, body },
  },
];

export interface WebhookRowsOptions {
  /** Where the bundled servers go. */
  readonly servers: URL;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly roundMs: number;
  readonly rounds: number;
  /** Runs only the scenarios whose name has this in it; all when empty. */
  readonly only: string;
}

/**
 * Measures each scenario in interleaved rounds, so that what else the machine does in the meantime
 * falls on all of them, and takes the medians.
 */
export async function measureWebhook(options: WebhookRowsOptions): Promise<readonly Row[]> {
  const { servers: folder } = options;
  await bundleServers(["stub", "proxy", "webhook"], folder);
  const server = (name: string): URL => new URL(`${name}.mjs`, folder);
  await using stub = await Child.start(server("stub"), { role: "upstream" });
  await using proxy = await Child.start(server("proxy"), { args: [stub.url], role: "measured" });
  await using webhook = await Child.start(server("webhook"), {
    args: [stub.url],
    role: "measured",
  });
  const servers = { proxy, webhook };
  const chosen = scenarios.filter(({ name }) => name === baseline || name.includes(options.only));
  const { connections, warmUpMs, roundMs, rounds } = options;
  for (const { server, target } of chosen) {
    await runLoad({ ...target, port: servers[server].port, connections, durationMs: warmUpMs });
  }
  const measured = new Map<Scenario, Row[]>(chosen.map((scenario) => [scenario, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [scenario, rows] of measured) {
      rows.push(await measure(scenario, servers[scenario.server], connections, roundMs));
    }
  }
  const proxied = [...measured].find(([{ name }]) => name === baseline)?.[1] ?? [];
  return [...measured.values()].map((all) => middle(all, proxied));
}

async function measure(
  { name, rpcs, target }: Scenario,
  server: Child,
  connections: number,
  durationMs: number,
): Promise<Row> {
  const before = await server.usage();
  const result = await runLoad({ ...target, port: server.port, connections, durationMs });
  const after = await server.usage();
  const micros = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return {
    name,
    rpcs,
    requestsPerSecond: result.requests / result.seconds,
    cpuMicros: micros / result.requests,
    bestCpuMicros: micros / result.requests,
    proxies: Number.NaN,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    memoryMiB: after.memoryBytes / 2 ** 20,
    failures: result.failures,
  };
}

function middle(rounds: readonly Row[], proxied: readonly Row[]): Row {
  const of = (read: (row: Row) => number): number => median(rounds.map(read));
  return {
    name: rounds[0]?.name ?? "",
    rpcs: rounds[0]?.rpcs ?? 0,
    requestsPerSecond: of((row) => row.requestsPerSecond),
    cpuMicros: of((row) => row.cpuMicros),
    bestCpuMicros: Math.min(...rounds.map((row) => row.cpuMicros)),
    proxies: median(
      rounds.map(({ cpuMicros }, round) => cpuMicros / (proxied[round]?.cpuMicros ?? Number.NaN)),
    ),
    p50Ms: of((row) => row.p50Ms),
    p99Ms: of((row) => row.p99Ms),
    memoryMiB: of((row) => row.memoryMiB),
    failures: rounds.reduce((sum, row) => sum + row.failures, 0),
  };
}
