import { type Logger, pino } from "pino";
import type { LogLevel } from "./log-levels.ts";

/** Writes JSON lines to standard error, so that standard output stays for what was asked. */
export function createLogger(part: "devbox" | "webhook", level: LogLevel): Logger {
  return pino({ level, base: { part } }, pino.destination({ dest: 2, sync: true }));
}
