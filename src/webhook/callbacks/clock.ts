/** The time, and what is to be done later. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Does something after a time, and keeps no process alive for it. @returns gives it up */
  after(ms: number, act: () => void): () => void;
}

/** Longest time of a timer of Node.js; a longer one would fire at once. */
const longestMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, Math.min(Math.max(0, ms), longestMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
};
