import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { killByToken } from "./kill.ts";

/** Remembers on disk which processes are running, for the time after a crash. */
export interface RunningProcesses {
  /** Notes a token before the process that will carry it is started. */
  add(token: string): void;
  remove(token: string): void;
}

/**
 * Ends the processes that an earlier life of the devbox left behind, and starts a new record.
 *
 * Each process carries an unguessable token in its environment, and a file named after the token
 * stands in the folder as long as it runs: what has a file and is still there was left behind.
 */
export function startRunningProcesses(dir: string): RunningProcesses {
  mkdirSync(dir, { recursive: true });
  const left = readdirSync(dir);
  if (left.length > 0) killByToken(new Set(left));
  for (const token of left) rmSync(join(dir, token), { force: true });
  return {
    add: (token) => writeFileSync(join(dir, token), "", { flag: "wx" }),
    remove: (token) => rmSync(join(dir, token), { force: true }),
  };
}
