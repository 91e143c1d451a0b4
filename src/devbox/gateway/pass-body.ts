import type { IncomingMessage, OutgoingMessage } from "node:http";
import { toTrailers } from "./forwarded-headers.ts";

/** Up to this size a whole body is copied behind its head, which is cheaper than two buffers in one write. */
const smallBytes = 4_096;

/**
 * Passes a body on as it comes, with its trailers, and reads no further than `to` is written. One that
 * is there as a whole goes in one write with its head.
 */
export function passBody(from: IncomingMessage, to: OutgoingMessage): void {
  let isPassed = false;
  from.on("data", (chunk: Buffer) => {
    if (from.complete && from.readableLength === 0) {
      isPassed = true;
      addTrailers(from, to);
      if (chunk.length > smallBytes) to.end(chunk);
      else to.end(chunk.toString("latin1"), "latin1");
    } else if (!to.write(chunk)) {
      from.pause();
      to.once("drain", () => from.resume());
    }
  });
  from.once("end", () => {
    if (isPassed) return;
    addTrailers(from, to);
    to.end();
  });
}

function addTrailers({ rawTrailers }: IncomingMessage, to: OutgoingMessage): void {
  const trailers = toTrailers(rawTrailers);
  if (trailers.length > 0 && to.chunkedEncoding && !to.destroyed) to.addTrailers(trailers);
}
