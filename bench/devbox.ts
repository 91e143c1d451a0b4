import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { bearerAuthenticator } from "../src/client/auth/bearer.ts";
import { createControlPlane } from "../src/client/create-control-plane.ts";
import { fromSource, ServerProcess } from "../test/support/dev-process.ts";
import { createCaller } from "../test/support/http.ts";
import { readCpu } from "./cpu-time.ts";
import { median, percentile } from "./median.ts";

export interface DevboxResult {
  /** The first run of all, in milliseconds. */
  readonly firstRunMs: number;
  readonly postToSucceededP50Ms: number;
  readonly postToSucceededP99Ms: number;
  readonly callers: number;
  readonly runsPerSecond: number;
  readonly runs: number;
  /** CPU time per run under load: of webhook and control plane, of the tasks, of the callers. */
  readonly serverCpuMs: number;
  readonly workersCpuMs: number;
  readonly callersCpuMs: number;
}

export interface DevboxOptions {
  /** The built command; the sources are run where it has not been built. */
  readonly cli: string;
  /** Folder for the state; emptied before and afterwards. On a disk, or durability costs nothing. */
  readonly state: string;
  readonly sequential: number;
  readonly parallel: number;
  readonly callers: number;
}

const path = "/run-task/development/flytesnacks/stats.describe";

/**
 * Runs on a devbox that keeps its state on disk, each from its POST to the news that it succeeded,
 * as a client of the API gets them: alone, then many at once.
 */
export async function measureDevbox(options: DevboxOptions): Promise<DevboxResult> {
  const { state, cli, sequential, parallel, callers } = options;
  await rm(state, { recursive: true, force: true });
  try {
    await using server = await startDevbox(state, cli);
    const { webhook, controlPlane: endpoint, keys } = server.ready;
    const caller = createCaller(webhook, keys["alice"]);
    await using controlPlane = createControlPlane({
      endpoint,
      project: "flytesnacks",
      domain: "development",
      authenticator: bearerAuthenticator(keys["alice"] ?? ""),
    });
    const runOnce = async (): Promise<number> => {
      const from = performance.now();
      const { status, body } = await caller.post(path, { values: [1, 2, 3] });
      if (status !== 200) throw new Error(`POST answered ${status}: ${JSON.stringify(body)}`);
      const { phase } = await controlPlane.runs.wait({ name: body.name });
      if (phase !== "succeeded") throw new Error(`${body.name} ended as ${phase}`);
      return performance.now() - from;
    };
    const drive = async (runs: number): Promise<void> => {
      let left = runs;
      const one = async (): Promise<void> => {
        while (left-- > 0) await runOnce();
      };
      await Promise.all(Array.from({ length: callers }, one));
    };
    const firstRunMs = await runOnce();
    // Long enough for the code to be compiled and for as many workers as will be needed.
    await drive(Math.ceil(parallel / 2));
    const alone: number[] = [];
    for (let index = 0; index < sequential; index += 1) alone.push(await runOnce());
    const from = performance.now();
    const before = await readCpu(server.process.pid ?? 0);
    const driverBefore = process.cpuUsage();
    await drive(parallel);
    const elapsedMs = performance.now() - from;
    const after = await readCpu(server.process.pid ?? 0);
    const driver = process.cpuUsage(driverBefore);
    return {
      firstRunMs,
      postToSucceededP50Ms: median(alone),
      postToSucceededP99Ms: percentile(alone, 99),
      callers,
      runsPerSecond: parallel / (elapsedMs / 1000),
      serverCpuMs: (after.processMs - before.processMs) / parallel,
      workersCpuMs: (after.descendantsMs - before.descendantsMs) / parallel,
      callersCpuMs: (driver.user + driver.system) / 1000 / parallel,
      runs: parallel,
    };
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

async function startDevbox(state: string, cli: string): Promise<ServerProcess> {
  // As published when it has been built.
  const [program, ...rest] = existsSync(cli) ? [process.execPath, cli] : fromSource;
  const folder = process.env["BENCH_PROFILE"];
  const profile =
    folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${join(folder, "devbox")}`];
  return ServerProcess.start(["dev", "--state", state, "--port", "0", "--devbox-port", "0"], {
    command: [program ?? process.execPath, ...profile, ...rest],
  });
}
