/** Time as the controllers of apps see it. */
export interface Clock {
  /** Milliseconds since the epoch; never goes back. */
  now(): number;
  /** Calls back once. Returns what prevents that. */
  after(ms: number, callback: () => void): () => void;
}

/** Timers of Node hold 24.8 days at most; what waits longer is asked again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The time of this machine, not moved by changes of its clock. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(ms)), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** The time that clocks on the wall show, which may be set. */
export const wallClock: Clock = { now: Date.now, after: systemClock.after };
