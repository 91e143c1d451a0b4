/** Why an attempt was stopped from outside. */
export type StopReason = "aborted" | "timed_out" | "closed";

/** One signal for all that can stop an attempt. */
export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
  /** What came first; undefined while nothing did. */
  readonly reason: StopReason | undefined;
  /** Lets the time of the attempt begin. */
  startTimeout(timeoutMs: number | undefined): void;
}

/** Timers of Node hold 24.8 days at most; a longer timeout is none. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Joins an abort by the engine, the closing of the executor and a timeout into one signal. */
export function createStopSignal(aborted: AbortSignal, closed: AbortSignal): StopSignal {
  const controller = new AbortController();
  let reason: StopReason | undefined;
  let timer: NodeJS.Timeout | undefined;
  const stop = (why: StopReason) => {
    reason ??= why;
    controller.abort();
  };
  const onAborted = () => stop("aborted");
  const onClosed = () => stop("closed");
  aborted.addEventListener("abort", onAborted, { once: true });
  closed.addEventListener("abort", onClosed, { once: true });
  if (aborted.aborted) onAborted();
  else if (closed.aborted) onClosed();
  return {
    signal: controller.signal,
    get reason() {
      return reason;
    },
    startTimeout(timeoutMs) {
      if (timeoutMs === undefined || timeoutMs <= 0 || timeoutMs > MAX_TIMEOUT_MS) return;
      timer ??= setTimeout(stop, timeoutMs, "timed_out");
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      aborted.removeEventListener("abort", onAborted);
      closed.removeEventListener("abort", onClosed);
    },
  };
}
