import { createHash } from "node:crypto";
import { closeSync, createReadStream, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { AttemptLine, AttemptRequest } from "./executor.ts";

/** The names that tell one attempt's log from all others. */
export type AttemptKey = Pick<AttemptRequest, "project" | "domain" | "run" | "action" | "attempt">;

export interface LogWriter {
  /**
   * Appends lines. They have reached the operating system when this returns.
   *
   * @returns how many bytes were written
   */
  append(lines: readonly AttemptLine[]): number;
  close(): void;
}

/** The file of an attempt's log below a folder. No name can lead out of that folder. */
export function logPath(logsDir: string, key: AttemptKey): string {
  const [project, domain, run, action] = [key.project, key.domain, key.run, key.action].map(
    toSegment,
  );
  // No segment holds a comma. One folder per domain spares making one per run.
  return join(logsDir, `${project}`, `${domain}`, `${run},${action},${key.attempt}.log`);
}

/** Opens an attempt's log for appending; the file appears with its first line. */
export function openLog(path: string): LogWriter {
  let file: number | undefined;
  return {
    append(lines) {
      let bytes = 0;
      if (file === undefined) {
        file = openForAppend(path);
        // Ends a line that a crash left incomplete; the reader skips empty lines.
        bytes += writeFully(file, "\n");
      }
      return bytes + writeFully(file, lines.map(printLine).join(""));
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** Reads a log back, in order. A missing file is an empty log; a line cut by a crash is skipped. */
export async function* readLog(path: string): AsyncGenerator<AttemptLine> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
      const texts = (rest + String(chunk)).split("\n");
      rest = texts.pop() ?? "";
      for (const text of texts) {
        const line = parseLogLine(text);
        if (line !== undefined) yield line;
      }
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

function openForAppend(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, "a", 0o600);
  }
}

function printLine({ time, stream, message }: AttemptLine): string {
  return `${JSON.stringify([time.getTime(), stream, message])}\n`;
}

/** One line of a log file; undefined for what a crash left of one. */
export function parseLogLine(text: string): AttemptLine | undefined {
  if (text === "") return undefined;
  try {
    const [time, stream, message] = JSON.parse(text) as [number, AttemptLine["stream"], string];
    return { time: new Date(time), stream, message };
  } catch {
    return undefined;
  }
}

function writeFully(file: number, text: string): number {
  const bytes = Buffer.from(text);
  let at = 0;
  while (at < bytes.length) at += writeSync(file, bytes, at);
  return at;
}

const SAFE_SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

function toSegment(name: string): string {
  if (SAFE_SEGMENT.test(name)) return name;
  return `.${createHash("sha256").update(name).digest("hex")}`;
}
