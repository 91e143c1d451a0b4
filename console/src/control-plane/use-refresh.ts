import { useEffect, useRef } from "preact/hooks";

/** How often what has no stream is read again. */
export const refreshMs = 10_000;

/** A moment after something is due, when it has happened. */
const settleMs = 1_000;

/**
 * Reads again what has no stream: every ten seconds, a moment after what is due, and when the tab comes
 * to be seen again. A hidden tab asks nothing.
 */
export function useRefresh(
  reload: () => void,
  {
    everyMs = refreshMs,
    dueAt,
  }: {
    readonly everyMs?: number;
    /** When something is to change, in milliseconds. */
    readonly dueAt?: number | undefined;
  } = {},
): void {
  const latest = useRef(reload);
  latest.current = reload;
  const readAt = useRef(Date.now());

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const plan = (): void => {
      clearTimeout(timer);
      if (document.hidden) return;
      const now = Date.now();
      const regular = readAt.current + everyMs;
      const due = dueAt === undefined ? Number.POSITIVE_INFINITY : dueAt + settleMs;
      const next = due > now ? Math.min(regular, due) : regular;
      timer = setTimeout(read, Math.max(0, next - now));
    };
    const read = (): void => {
      readAt.current = Date.now();
      latest.current();
      plan();
    };
    plan();
    document.addEventListener("visibilitychange", plan);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", plan);
    };
  }, [everyMs, dueAt]);
}
