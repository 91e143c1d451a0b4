import { createHistogram } from "node:perf_hooks";
import { bearerAuthenticator } from "../src/client/auth/bearer.ts";
import { createControlPlane } from "../src/client/create-control-plane.ts";
import { ServerProcess } from "../test/support/dev-process.ts";
import { createCaller } from "../test/support/http.ts";

export interface DevboxResult {
  readonly postToSucceededP50Ms: number;
  readonly postToSucceededP99Ms: number;
  readonly runsPerSecond: number;
}

const path = "/run-task/development/flytesnacks/stats.describe";
const sequential = 200;
const parallel = 2000;
const callers = 32;

/** A run on a durable devbox, from its POST to the news that it succeeded; alone, then many at once. */
export async function measureDevbox(): Promise<DevboxResult> {
  const state = process.env["BENCH_STATE"] ?? "bench/results/state";
  await using server = await ServerProcess.start([
    "dev",
    "--state",
    new URL(`../${state}`, import.meta.url).pathname,
    "--port",
    "0",
    "--devbox-port",
    "0",
  ]);
  const { webhook, controlPlane: endpoint, keys } = server.ready;
  const caller = createCaller(webhook, keys["alice"]);
  await using controlPlane = createControlPlane({
    endpoint,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(keys["alice"] ?? ""),
  });
  const runOnce = async (): Promise<void> => {
    const { body } = await caller.post(path, { values: [1, 2, 3] });
    const { phase } = await controlPlane.runs.wait({ name: body.name });
    if (phase !== "succeeded") throw new Error(`${body.name} ended as ${phase}`);
  };
  for (let warm = 0; warm < 30; warm += 1) await runOnce();

  const histogram = createHistogram();
  for (let index = 0; index < sequential; index += 1) {
    const from = performance.now();
    await runOnce();
    histogram.record(Math.max(1, Math.round((performance.now() - from) * 1000)));
  }
  const from = performance.now();
  let left = parallel;
  const drive = async (): Promise<void> => {
    while (left-- > 0) await runOnce();
  };
  await Promise.all(Array.from({ length: callers }, drive));
  const result: DevboxResult = {
    postToSucceededP50Ms: histogram.percentile(50) / 1000,
    postToSucceededP99Ms: histogram.percentile(99) / 1000,
    runsPerSecond: parallel / ((performance.now() - from) / 1000),
  };
  console.log(
    `\ndevbox, state on disk: POST to succeeded p50 ${result.postToSucceededP50Ms.toFixed(1)} ms, p99 ${result.postToSucceededP99Ms.toFixed(1)} ms; ${callers} callers: ${result.runsPerSecond.toFixed(0)} runs/s`,
  );
  return result;
}
