import { Socket } from "node:net";
import type { RawHeaders } from "./forwarded-headers.ts";
import { headerKinds, kindsOf } from "./header-kinds.ts";

/** How long an answer is looked for that came before what is sent could not be sent any more. */
const lastWordMs = 1_000;

/**
 * How long a connection is kept idle. Less than any common server waits before it closes one, so that
 * a request is not sent into a connection that is about to end.
 */
const idleMs = 1_000;

type Done = (error?: Error | null) => void;

/**
 * A connection to a replica that outlives its broken half. An app may answer early and close, as many do
 * with a body that is too large: then writing fails while its answer is there to be read. So a failed write
 * is reported only when reading has ended, too, or nothing more came for a second.
 */
export class ReplicaSocket extends Socket {
  #idleMs = idleMs;
  /** Until when it may wait for its next request; undefined while it works on one. */
  idleUntil: number | undefined;

  /** How long it may be idle. */
  get idleMs(): number {
    return this.#idleMs;
  }

  /** Minds what an answer says of how long its app keeps an idle connection. */
  noteKeepAlive(headers: RawHeaders): void {
    for (let at = 0; at < headers.length; at += 2) {
      if ((kindsOf(headers[at] ?? "") & headerKinds.keepAlive) === 0) continue;
      const keptMs = readKeepAliveMs(headers[at + 1] ?? "") ?? this.#idleMs;
      // Half of it, as the app's clock runs since it sent that.
      this.#idleMs = Math.min(this.#idleMs, keptMs / 2);
    }
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    super._write(chunk, encoding, (error) => this.#report(error, done));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], done: Done): void {
    super._writev?.(chunks, (error) => this.#report(error, done));
  }

  #report(error: Error | null | undefined, done: Done): void {
    if (error === undefined || error === null || this.destroyed || this.readableEnded) {
      done(error);
      return;
    }
    const report = (): void => {
      clearTimeout(timer);
      this.off("close", report).off("end", report);
      done(error);
    };
    const timer = setTimeout(report, lastWordMs);
    this.once("close", report).once("end", report);
  }
}

/** How long the other side says that it keeps an idle connection: seconds in `Keep-Alive: timeout=5`. */
export function readKeepAliveMs(value: string): number | undefined {
  const [, seconds] = /(?:^|[\s,;])timeout=(\d{1,9})(?![^\s,;])/i.exec(value) ?? [];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}
