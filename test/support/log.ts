import { Writable } from "node:stream";
import { type Logger, pino } from "pino";

/** A real logger whose lines can be read back. */
export function createLog(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trim().split("\n"));
      done();
    },
  });
  return { logger: pino({ level: "trace" }, sink), lines };
}
