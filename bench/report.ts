import type { ColdStart } from "./cold-start.ts";
import type { ConsoleResult } from "./console.ts";
import type { DevboxResult } from "./devbox.ts";
import type { GatewayResult } from "./gateway.ts";
import type { WaitsRow } from "./waits.ts";
import type { Row } from "./webhook-rows.ts";

export interface RowsHeading {
  readonly connections: number;
  readonly rounds: number;
  readonly seconds: number;
}

/** Prints the table as Markdown. */
export function printRows(rows: readonly Row[], heading: RowsHeading): void {
  const { connections, rounds, seconds } = heading;
  console.log(`${connections} connections, medians of ${rounds} rounds of ${seconds} s each\n`);
  console.log(
    "| request                  | RPCs | req/s | CPU µs | best | × proxy | p50 ms | p99 ms | RSS MiB |",
  );
  console.log(
    "|--------------------------|-----:|------:|-------:|-----:|--------:|-------:|-------:|--------:|",
  );
  for (const row of rows) {
    const cells = [
      row.name.padEnd(24),
      String(row.rpcs).padStart(4),
      row.requestsPerSecond.toFixed(0).padStart(5),
      row.cpuMicros.toFixed(1).padStart(6),
      row.bestCpuMicros.toFixed(0).padStart(4),
      row.proxies.toFixed(2).padStart(7),
      row.p50Ms.toFixed(2).padStart(6),
      row.p99Ms.toFixed(2).padStart(6),
      row.memoryMiB.toFixed(0).padStart(7),
    ];
    const failed = row.failures > 0 ? ` ${row.failures} failed` : "";
    console.log(`| ${cells.join(" | ")} |${failed}`);
  }
}

export function printDevbox(result: DevboxResult): void {
  const { firstRunMs, postToSucceededP50Ms, postToSucceededP99Ms } = result;
  console.log(
    `\ndevbox, state on disk, POST to succeeded: first ${firstRunMs.toFixed(0)} ms; alone p50 ` +
      `${postToSucceededP50Ms.toFixed(1)} ms, p99 ${postToSucceededP99Ms.toFixed(1)} ms; ` +
      `${result.callers} callers: ${result.runsPerSecond.toFixed(0)} runs/s over ${result.runs} runs\n` +
      `CPU per run: ${result.serverCpuMs.toFixed(2)} ms webhook and control plane, ` +
      `${result.workersCpuMs.toFixed(2)} ms tasks, ${result.callersCpuMs.toFixed(2)} ms callers`,
  );
}

export function printGateway({ connections, throughput, starts }: GatewayResult): void {
  console.log(`\ngateway, ${connections} connections\n`);
  console.log(
    "| a small answer       | req/s | of direct | gateway CPU µs | × proxy | app CPU µs | p50 ms | p99 ms |",
  );
  console.log(
    "|----------------------|------:|----------:|---------------:|--------:|-----------:|-------:|-------:|",
  );
  for (const row of throughput) {
    const cells = [
      row.name.padEnd(20),
      row.requestsPerSecond.toFixed(0).padStart(5),
      row.ofDirect.toFixed(2).padStart(9),
      row.gatewayCpuMicros.toFixed(0).padStart(14),
      row.ofProxy.toFixed(2).padStart(7),
      row.appCpuMicros.toFixed(0).padStart(10),
      row.p50Ms.toFixed(2).padStart(6),
      row.p99Ms.toFixed(2).padStart(6),
    ];
    const failed = row.failures > 0 ? ` ${row.failures} failed` : "";
    console.log(`| ${cells.join(" | ")} |${failed}`);
  }
  for (const { name, throughGatewayMs, bareMs, ratio } of starts) {
    console.log(
      `cold start of a sleeping app, ${name}: answered after ${throughGatewayMs.toFixed(0)} ms; ` +
        `the bare process ${bareMs.toFixed(0)} ms; ratio ${ratio.toFixed(2)}`,
    );
  }
}

export function printWaits(rows: readonly WaitsRow[]): void {
  console.log(
    "\n| waiters | runs | requests of others | p99 idle ms | p99 waiting ms | ratio | CPU % | heap before, while, after MiB |",
  );
  console.log("|---:|---:|---:|---:|---:|---:|---:|---:|");
  for (const row of rows) {
    const { idle, waiting } = row;
    const heap = [row.heapBeforeMiB, row.heapWaitingMiB, row.heapAfterMiB];
    const cells = [
      row.waiters,
      row.runs,
      waiting.requests,
      idle.p99Ms.toFixed(2),
      waiting.p99Ms.toFixed(2),
      row.ofIdle.toFixed(2),
      row.cpuPercent.toFixed(0),
      heap.map((value) => value.toFixed(1)).join(", "),
    ];
    const failures = idle.failures + waiting.failures;
    console.log(`| ${cells.join(" | ")} |${failures > 0 ? ` ${failures} failed` : ""}`);
  }
}

export function printConsole(result: ConsoleResult): void {
  const { runs, firstInteractiveMs, interactiveMs, allReadMs, frames } = result;
  console.log(
    `\nconsole, ${runs} runs, drawn without a graphics card: list can be used after ${interactiveMs.toFixed(0)} ms ` +
      `(${firstInteractiveMs.toFixed(0)} ms in a new profile); all runs read after ${allReadMs.toFixed(0)} ms\n`,
  );
  console.log(
    "| frames, the best of 3      | frames/s | late % | p99 ms | longest ms | thread busy % | changes/s |",
  );
  console.log(
    "|----------------------------|---------:|-------:|-------:|-----------:|--------------:|----------:|",
  );
  for (const row of frames) {
    const { changesPerSecond } = row;
    const cells = [
      row.name.padEnd(26),
      row.framesPerSecond.toFixed(1).padStart(8),
      row.latePercent.toFixed(1).padStart(6),
      row.p99Ms.toFixed(1).padStart(6),
      row.longestMs.toFixed(1).padStart(10),
      row.busyPercent.toFixed(1).padStart(13),
      (Number.isNaN(changesPerSecond) ? "–" : changesPerSecond.toFixed(1)).padStart(9),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
}

export function printColdStart(rows: readonly ColdStart[] | undefined): void {
  if (rows === undefined) {
    console.log("cold start: not measured, run `npm run build` first");
    return;
  }
  console.log("\n| cold start | first /health | × bare | CPU ms | idle MiB |");
  console.log("|---|---:|---:|---:|---:|");
  for (const { name, healthMs, ratio, cpuMs, idleMiB } of rows) {
    const cells = [name, `${healthMs.toFixed(0)} ms`, ratio.toFixed(2)];
    console.log(`| ${[...cells, cpuMs.toFixed(0), idleMiB.toFixed(0)].join(" | ")} |`);
  }
}
