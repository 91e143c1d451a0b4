import { HubError } from "./hub-errors.ts";

/** Ends a request that brings nothing for too long, or whose work has ended. */
export interface Stall extends Disposable {
  readonly signal: AbortSignal;
  /** Something came. */
  touch(): void;
}

/** Watches one request. Its signal fires with the reason of `signal`, or with a transient {@link HubError}. */
export function watchStall(signal: AbortSignal, limitMs: number): Stall {
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal.reason);
  const timer = setTimeout(() => {
    controller.abort(
      new HubError(`Nothing has come for ${limitMs / 1000} s.`, {
        code: "HubUnavailable",
        transient: true,
      }),
    );
  }, limitMs);
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    touch: () => timer.refresh(),
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener("abort", follow);
    },
  };
}
