import { type Logger, pino } from "pino";

/** How much the servers log, the most talkative first. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof logLevels)[number];

/** Writes JSON lines to standard error, so that standard output stays for what was asked. */
export function createLogger(part: "devbox" | "webhook", level: LogLevel): Logger {
  return pino({ level, base: { part } }, pino.destination({ dest: 2, sync: true }));
}
