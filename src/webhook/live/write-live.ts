import type { ServerResponse } from "node:http";
import type { LiveEvent } from "./live-event.ts";
import type { LiveFormat } from "./live-format.ts";

/** Proxies cut what is idle for a minute, many sooner; the HTML standard advises this time (9.2.7). */
const heartbeatMs = 15_000;

export interface LiveWriting {
  readonly format: LiveFormat;
  /** Aborts when the webhook closes: the stream ends as if it were over, and its reader comes back. */
  readonly closing: AbortSignal;
  /** How long a reader that takes nothing may hold up the closing, in milliseconds. */
  readonly closeGraceMs: number;
  /** What is told of an error; called once at most. */
  onError(error: unknown): LiveEvent;
}

/**
 * Writes events as they come, at the pace of the reader: while it takes nothing, no event is asked for and no
 * heartbeat written. Resolves when all is written or the reader gone; never rejects.
 */
export async function writeLive(
  response: ServerResponse,
  events: AsyncIterable<LiveEvent>,
  { format, closing, closeGraceMs, onError }: LiveWriting,
): Promise<void> {
  const isOver = (): boolean => response.destroyed || closing.aborted;
  const beat = (): void => {
    if (response.writableLength === 0 && !isOver()) response.write(format.heartbeat);
  };
  const beating = format.heartbeat === "" ? undefined : setInterval(beat, heartbeatMs);
  try {
    response.write(format.begin());
    for await (const event of events) {
      if (isOver()) break;
      const text = format.event(event);
      if (text !== "" && !response.write(text)) await untilDrained(response, closing);
    }
  } catch (error) {
    if (!isOver()) {
      const told = onError(error);
      if (format.tellsErrors) response.write(format.event(told));
      else response.destroy();
    }
  }
  clearInterval(beating);
  end(response, format, closing, closeGraceMs);
}

/** A text that ends well would pass for the whole. */
function end(
  response: ServerResponse,
  { tellsErrors }: LiveFormat,
  closing: AbortSignal,
  closeGraceMs: number,
): void {
  if (closing.aborted && !tellsErrors) response.destroy();
  if (response.destroyed) return;
  response.end();
  if (!closing.aborted) {
    closing.addEventListener("abort", cutLater, { once: true });
    response.once("close", () => closing.removeEventListener("abort", cutLater));
  } else cutLater();

  function cutLater(): void {
    const cutting = setTimeout(() => response.destroy(), closeGraceMs).unref();
    response.once("close", () => clearTimeout(cutting));
  }
}

/** Waits until what is written has gone out, or nothing can go out any more. */
function untilDrained(response: ServerResponse, closing: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      response.off("drain", stop).off("close", stop);
      closing.removeEventListener("abort", stop);
      resolve();
    };
    response.on("drain", stop).on("close", stop);
    closing.addEventListener("abort", stop);
    if (response.destroyed || closing.aborted) stop();
  });
}
