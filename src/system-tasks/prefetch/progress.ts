import type { TaskLogger } from "../../tasks/task-context.ts";

/** What is told of a download while it goes on. */
export interface Progress extends Disposable {
  /** More bytes are there, or fewer. */
  addBytes(change: number): void;
  /** A file is there, and proved. */
  addFile(path: string, size: number): void;
}

export interface ProgressOptions {
  readonly log: Pick<TaskLogger, "info">;
  readonly totalBytes: number;
  readonly totalFiles: number;
  /** Called at each line. */
  readonly onTick?: () => void;
  /** Time between two lines. @default 5000 */
  readonly everyMs?: number;
}

/** Files below this are only counted: some repositories have thousands. */
const worthALine = 10_000_000;

/** Writes a line every few seconds, and one for each large file. */
export function startProgress(options: ProgressOptions): Progress {
  const { log, totalBytes, totalFiles, onTick, everyMs = 5_000 } = options;
  let bytes = 0;
  let files = 0;
  let before = { bytes: 0, at: performance.now() };
  const timer = setInterval(() => {
    onTick?.();
    const now = performance.now();
    const speed = Math.max(0, bytes - before.bytes) / ((now - before.at) / 1000);
    before = { bytes, at: now };
    const share = totalBytes === 0 ? 100 : Math.floor((100 * bytes) / totalBytes);
    log.info(
      `Fetched ${printBytes(bytes)} of ${printBytes(totalBytes)} (${share} %), ${files} of ${totalFiles} files, ${printBytes(speed)} each second.`,
    );
  }, everyMs);
  return {
    addBytes(change) {
      bytes += change;
    },
    addFile(path, size) {
      files += 1;
      if (size >= worthALine) log.info(`Fetched and verified ${path} (${printBytes(size)}).`);
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Bytes in the unit that people read: `3.0 GB`, `512 B`. */
export function printBytes(bytes: number): string {
  for (const [unit, size] of [
    ["TB", 1e12],
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  }
  return `${Math.round(bytes)} B`;
}
