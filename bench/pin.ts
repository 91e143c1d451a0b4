import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/** Where load generator and stub run. */
export const generatorCore = 0;
/** Where the one server that is measured runs. */
export const serverCore = 1;

/** Whether processes are held on their cores: on Linux with `taskset` and two cores. */
export const isPinned: boolean =
  availableParallelism() >= 2 && spawnSync("taskset", ["--version"]).status === 0;

/** What to put before a command to hold it on a core. */
export function prefixFor(core: number): readonly string[] {
  return isPinned ? ["taskset", "-c", String(core)] : [];
}

/** Holds this process and all its threads on a core. */
export function pinSelf(core: number): void {
  if (isPinned) spawnSync("taskset", ["-a", "-c", "-p", String(core), String(process.pid)]);
}

/** Lets this process, and what it starts from now on, run everywhere. */
export function unpinSelf(): void {
  if (!isPinned) return;
  const all = `0-${availableParallelism() - 1}`;
  spawnSync("taskset", ["-a", "-c", "-p", all, String(process.pid)]);
}
