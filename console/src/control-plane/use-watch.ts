import { useEffect, useRef, useState } from "preact/hooks";
import { onBack } from "./connection.ts";
import { isCanceled, toWords } from "./error-words.ts";

/** How a stream is doing. */
export type WatchStatus =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** Broken off; it is opened again by itself. */
  | { readonly kind: "waiting"; readonly error: unknown }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly error: unknown };

export interface WatchOptions<T> {
  /** Says all that the stream depends on; undefined watches nothing. */
  readonly key: string | undefined;
  /**
   * Opens the stream. It is opened again after a break, so it begins with the whole state.
   *
   * @param onHeader to be called when the headers are there: a stream can be open and silent
   */
  readonly open: (signal: AbortSignal, onHeader: () => void) => AsyncIterable<T>;
  readonly onMessage: (message: T) => void;
  /** Called once for each stream that was not refused, before its first message. */
  readonly onOpen?: () => void;
}

const firstDelayMs = 500;
const longestDelayMs = 10_000;
/** A refusal has headers, too, with the reason right behind them. */
const refusalMs = 100;

/**
 * Follows a stream while the page can be seen, and opens it again when it breaks. A hidden tab holds no
 * stream: browsers open few connections to one server, and many tabs would otherwise stop each other.
 */
export function useWatch<T>(options: WatchOptions<T>): WatchStatus {
  const { key } = options;
  const latest = useRef(options);
  latest.current = options;
  const [status, setStatus] = useState<WatchStatus>({ kind: "connecting" });

  useEffect(() => {
    if (key === undefined) return;
    const whole = new AbortController();
    void follow(latest, whole.signal, (next) => {
      if (!whole.signal.aborted) setStatus(next);
    });
    return () => whole.abort();
  }, [key]);

  return status;
}

async function follow<T>(
  latest: { readonly current: WatchOptions<T> },
  signal: AbortSignal,
  tell: (status: WatchStatus) => void,
): Promise<void> {
  let delayMs = firstDelayMs;
  const onOpen = (): void => {
    delayMs = firstDelayMs;
    latest.current.onOpen?.();
    tell({ kind: "live" });
  };
  while (!signal.aborted) {
    await untilVisible(signal);
    if (signal.aborted) return;
    tell({ kind: "connecting" });
    const turn = await readWhileVisible(latest, signal, onOpen);
    if (signal.aborted || turn.kind === "hidden") continue;
    tell(turn);
    if (turn.kind !== "waiting") return;
    await pause(delayMs * (0.5 + Math.random() / 2), signal);
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}

type Turn = Extract<WatchStatus, { kind: "ended" | "failed" | "waiting" }> | { kind: "hidden" };

/** Reads one stream to its end, or until the page is hidden. */
async function readWhileVisible<T>(
  latest: { readonly current: WatchOptions<T> },
  signal: AbortSignal,
  onOpen: () => void,
): Promise<Turn> {
  const visible = whileVisible(signal);
  let isOpen = false;
  let opening: ReturnType<typeof setTimeout> | undefined;
  const begin = (): void => {
    if (isOpen || visible.signal.aborted) return;
    isOpen = true;
    onOpen();
  };
  const onHeader = (): void => {
    opening ??= setTimeout(begin, refusalMs);
  };
  try {
    for await (const message of latest.current.open(visible.signal, onHeader)) {
      if (visible.signal.aborted) return { kind: "hidden" };
      begin();
      latest.current.onMessage(message);
    }
    begin();
    return visible.signal.aborted ? { kind: "hidden" } : { kind: "ended" };
  } catch (error) {
    if (visible.signal.aborted || isCanceled(error)) return { kind: "hidden" };
    return { kind: toWords(error).mayPass ? "waiting" : "failed", error };
  } finally {
    clearTimeout(opening);
    visible.end();
  }
}

function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (!document.hidden) return resolve();
    const look = (): void => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
  });
}

/** How long a tab stays hidden before its stream ends: who looks into another tab for a moment keeps it. */
const hiddenGraceMs = 5_000;

function whileVisible(signal: AbortSignal): { readonly signal: AbortSignal; end(): void } {
  const turn = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(() => turn.abort(), hiddenGraceMs);
  };
  const stop = (): void => turn.abort();
  document.addEventListener("visibilitychange", look);
  signal.addEventListener("abort", stop, { once: true });
  return {
    signal: turn.signal,
    end: () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
      signal.removeEventListener("abort", stop);
      turn.abort();
    },
  };
}

/** Ends early where the devbox, which was gone, is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      ignore();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    const ignore = onBack(end);
    signal.addEventListener("abort", end);
  });
}
