import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { measureColdStart } from "./cold-start.ts";
import { measureConsole } from "./console.ts";
import { measureDevbox } from "./devbox.ts";
import { measureGateway } from "./gateway.ts";
import { generatorCore, isPinned, pinSelf, unpinSelf } from "./pin.ts";
import {
  printColdStart,
  printConsole,
  printDevbox,
  printGateway,
  printRows,
  printWaits,
} from "./report.ts";
import { measureWaits } from "./waits.ts";
import { measureWebhook } from "./webhook-rows.ts";

/**
 * Speed of the webhook in front of a constant-answer control plane, of the devbox, of its gateway, and
 * of a start.
 * All numbers of one run belong together: compare ratios, not values of different machines or runs.
 *
 *   npm run bench                     all
 *   BENCH_SECONDS=5 npm run bench     longer rounds
 *   BENCH_ONLY=run_task npm run bench the scenarios with this in their name, beside the baseline;
 *                                     "devbox", "gateway", "waits", "console" and "cold" choose the other parts
 *   BENCH_PROFILE=DIR npm run bench   leaves a CPU profile of each measured server
 */
const seconds = Number(process.env["BENCH_SECONDS"] ?? 1);
if (!(seconds > 0)) throw new Error("BENCH_SECONDS must be a number of seconds above 0.");
const only = process.env["BENCH_ONLY"] ?? "";
const cli = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const connections = 64;
const rounds = 5;
const results = new URL("./results/", import.meta.url);
const machine = {
  node: process.version,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  isPinned,
};
const isPart = (name: string): boolean => only === "" || only === name;
const isWebhook = !["devbox", "gateway", "waits", "console", "cold"].includes(only);

console.log(
  `Node ${machine.node}, ${machine.cpu}, ${machine.cores} cores${isPinned ? ", pinned" : ", not pinned"}`,
);
await mkdir(results, { recursive: true });

const roundMs = seconds * 1000;
pinSelf(generatorCore);
const rows = isWebhook
  ? await measureWebhook({
      servers: new URL("./servers/", results),
      connections,
      warmUpMs: 2 * roundMs,
      roundMs,
      rounds,
      only,
    })
  : [];
const waits = isPart("waits")
  ? await measureWaits({
      servers: new URL("./servers/", results),
      waiters: 1_000,
      perSecond: 500,
      idleMs: 10 * roundMs,
      waitingMs: 45_000,
    })
  : undefined;
unpinSelf();
if (waits !== undefined) printWaits(waits);
if (isWebhook) printRows(rows, { connections, rounds, seconds });

const devbox = isPart("devbox")
  ? await measureDevbox({
      cli,
      state: fileURLToPath(new URL("./state/", results)),
      sequential: 200,
      parallel: 1500,
      callers: 32,
    })
  : undefined;
if (devbox !== undefined) printDevbox(devbox);

const gateway = isPart("gateway")
  ? await measureGateway({ cli, connections, roundMs, rounds, starts: 7 })
  : undefined;
if (gateway !== undefined) printGateway(gateway);

const consolePages = isPart("console")
  ? await measureConsole({
      cli,
      state: fileURLToPath(new URL("./state/", results)),
      runs: 10_000,
      changesPerSecond: 50,
      scrollMs: 5 * roundMs,
      scrollRounds: 3,
      rounds,
    })
  : undefined;
if (consolePages !== undefined) printConsole(consolePages);

const coldStart = isPart("cold") ? await measureColdStart(dirname(cli), 7) : undefined;
if (isPart("cold")) printColdStart(coldStart);

const document = {
  ...machine,
  connections,
  rounds,
  seconds,
  rows,
  waits,
  devbox,
  gateway,
  consolePages,
  coldStart,
};
await writeFile(new URL("latest.json", results), `${JSON.stringify(document, null, 2)}\n`);
if (rows.some(({ failures }) => failures > 0)) process.exitCode = 1;
