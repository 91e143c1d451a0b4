import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { killByToken } from "./kill.ts";

/** Remembers on disk which processes are running, for the time after a crash. */
export interface RunningProcesses {
  /** Notes a token before the process that will carry it is started. */
  add(token: string): void;
  remove(token: string): void;
  close(): void;
}

/** The record is emptied when it has grown beyond this and nothing runs. */
const COMPACT_BYTES = 65_536;

/**
 * Ends the processes that an earlier life of the devbox left behind, and starts a new record.
 *
 * Each process carries an unguessable token in its environment. The record is a file of lines
 * `+TOKEN` and `-TOKEN`: what was added, not removed and is still there was left behind.
 */
export function startRunningProcesses(path: string): RunningProcesses {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, "a+", 0o600);
  const left = parseRecord(readFileSync(path, "utf8"));
  if (left.size > 0) killByToken(left);
  ftruncateSync(file);
  const running = new Set<string>();
  let bytes = 0;
  let closed = false;
  const note = (line: string) => {
    // The next start finds out by itself what is gone by then.
    if (closed) return;
    bytes += writeSync(file, line);
  };
  return {
    add(token) {
      running.add(token);
      note(`+${token}\n`);
    },
    remove(token) {
      if (!running.delete(token)) return;
      note(`-${token}\n`);
      if (closed || running.size > 0 || bytes < COMPACT_BYTES) return;
      ftruncateSync(file);
      bytes = 0;
    },
    close() {
      if (!closed) closeSync(file);
      closed = true;
    },
  };
}

/** Tokens added and not removed. A last line that a crash cut off is left out: nothing ran yet. */
export function parseRecord(text: string): ReadonlySet<string> {
  const running = new Set<string>();
  for (const line of text.split("\n").slice(0, -1)) {
    if (line.startsWith("+")) running.add(line.slice(1));
    else if (line.startsWith("-")) running.delete(line.slice(1));
  }
  return running;
}
