import { mkdir, writeFile } from "node:fs/promises";
import { Child } from "./child.ts";
import { measureDevbox } from "./devbox.ts";
import { type Load, runLoad } from "./load.ts";

/**
 * Speed of the webhook in front of a constant-answer control plane, and of the devbox. All numbers of
 * one run belong together: compare ratios, not absolute values of different machines or runs.
 *
 *   npm run bench               all
 *   BENCH_SECONDS=5 npm run bench
 */
interface Row {
  readonly name: string;
  readonly rpcs: number;
  readonly requestsPerSecond: number;
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly memoryMiB: number;
  readonly failures: number;
}

const seconds = Number(process.env["BENCH_SECONDS"] ?? 3);
const connections = 64;
const runTask = "/run-task/development/flytesnacks/stats.describe";
const inputs = JSON.stringify({ values: [3, 1, 4, 1, 5, 9, 2.6] });

await using stub = await Child.start("./stub.ts");
await using proxy = await Child.start("./proxy.ts", [stub.url]);
await using webhook = await Child.start("./webhook.ts", [stub.url]);

const scenarios: readonly (readonly [name: string, rpcs: number, server: Child, load: Target])[] = [
  ["bare node:http, no upstream", 0, proxy, { method: "GET", path: "/health" }],
  ["bare pass-through proxy", 1, proxy, { method: "POST", path: "/", body: inputs }],
  ["health", 0, webhook, { method: "GET", path: "/health" }],
  ["me", 1, webhook, { method: "GET", path: "/me" }],
  ["get_run", 1, webhook, { method: "GET", path: "/run/r0123456789abcdefghi" }],
  [
    "run_task, version named",
    2,
    webhook,
    { method: "POST", path: `${runTask}?version=1`, body: inputs },
  ],
  ["run_task, latest version", 3, webhook, { method: "POST", path: runTask, body: inputs }],
];

type Target = Pick<Load, "method" | "path" | "body">;

const rows: Row[] = [];
for (const [name, rpcs, server, target] of scenarios) {
  const load = { ...target, port: server.port, connections };
  await runLoad({ ...load, durationMs: 1000 });
  const before = await server.usage();
  const result = await runLoad({ ...load, durationMs: seconds * 1000 });
  const after = await server.usage();
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  rows.push({
    name,
    rpcs,
    requestsPerSecond: result.requests / result.seconds,
    cpuMicros: cpu / result.requests,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    memoryMiB: after.memory / 2 ** 20,
    failures: result.failures,
  });
}
print(rows);
const devbox = await measureDevbox();
await mkdir(new URL("./results/", import.meta.url), { recursive: true });
await writeFile(
  new URL("./results/latest.json", import.meta.url),
  `${JSON.stringify({ node: process.version, connections, seconds, rows, devbox }, null, 2)}\n`,
);
if (rows.some(({ failures }) => failures > 0)) process.exitCode = 1;

function print(all: readonly Row[]): void {
  const proxyCpu =
    all.find(({ name }) => name === "bare pass-through proxy")?.cpuMicros ?? Number.NaN;
  console.log(`Node ${process.version}, ${connections} connections, ${seconds} s each\n`);
  console.log(
    "scenario                      RPCs     req/s  CPU µs  × proxy  p50 ms  p99 ms  RSS MiB",
  );
  for (const row of all) {
    console.log(
      [
        row.name.padEnd(28),
        String(row.rpcs).padStart(5),
        row.requestsPerSecond.toFixed(0).padStart(9),
        row.cpuMicros.toFixed(1).padStart(7),
        (row.cpuMicros / proxyCpu).toFixed(2).padStart(8),
        row.p50Ms.toFixed(2).padStart(7),
        row.p99Ms.toFixed(2).padStart(7),
        row.memoryMiB.toFixed(0).padStart(8),
        row.failures > 0 ? ` ${row.failures} failed` : "",
      ].join(" "),
    );
  }
}
