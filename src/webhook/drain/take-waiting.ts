import { setImmediate as turn } from "node:timers/promises";

/** How long that is tried. */
const longestMs = 1_000;
/** A turn in which there was hardly anything to do, in milliseconds. */
const idleTurnMs = 1;
/** The first turn may end without a look at the network. */
const emptyTurns = 3;

/**
 * Takes what has reached the system by now: connections that still wait there when a port is closed are reset, and
 * so are those that are closed with bytes unread. Node.js takes one connection at a turn of the event loop. Ends
 * right after turns that brought none and were short, so that hardly any time is left for one more to come before
 * the caller closes.
 *
 * @param taken - how many were taken so far
 */
export async function takeWaiting(taken: () => number): Promise<void> {
  const until = performance.now() + longestMs;
  for (let empty = 0; empty < emptyTurns; ) {
    const before = taken();
    const began = performance.now();
    await turn();
    const now = performance.now();
    if (now >= until) return;
    const isEmpty = taken() === before && now - began < idleTurnMs;
    empty = isEmpty ? empty + 1 : 0;
  }
}
