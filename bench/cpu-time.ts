import { readdir, readFile } from "node:fs/promises";

/** Ticks of `/proc`, per second; fixed for programs whatever the kernel uses. */
const ticksPerSecond = 100;

/** CPU time in milliseconds. */
export interface TreeCpu {
  readonly processMs: number;
  /** Of all processes it has started, directly or not, those that have ended included. */
  readonly descendantsMs: number;
}

/** CPU time that a process and its descendants have used; NaN where there is no `/proc`. */
export async function readCpu(pid: number): Promise<TreeCpu> {
  const stats = new Map<number, Entry>();
  const entries = await readdir("/proc").catch(() => []);
  for (const entry of entries.filter((name) => /^\d+$/.test(name))) {
    const text = await readFile(`/proc/${entry}/stat`, "latin1").catch(() => "");
    // The name in parentheses may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const toMs = (at: number): number =>
      ((Number(fields[at]) + Number(fields[at + 1])) * 1000) / ticksPerSecond;
    // Fields 14 and 15 of proc_pid_stat(5), and 16 and 17 for children that were waited for.
    stats.set(Number(entry), { parent: Number(fields[1]), ms: toMs(11), endedMs: toMs(13) });
  }
  const sum = (ids: readonly number[], read: (entry: Entry) => number): number =>
    ids.map((id) => stats.get(id)).reduce((all, one) => all + (one ? read(one) : 0), 0);
  const isBelow = (id: number): boolean => {
    const parent = stats.get(id)?.parent;
    return parent !== undefined && (parent === pid || isBelow(parent));
  };
  const descendants = [...stats.keys()].filter(isBelow);
  return {
    processMs: stats.get(pid)?.ms ?? Number.NaN,
    descendantsMs:
      sum(descendants, ({ ms }) => ms) + sum([pid, ...descendants], ({ endedMs }) => endedMs),
  };
}

interface Entry {
  readonly parent: number;
  readonly ms: number;
  readonly endedMs: number;
}
