import { useEffect, useRef } from "preact/hooks";
import type { CallState } from "../../control-plane/use-call.ts";

/**
 * Makes a call again when what it reads has changed. However often that is, one call is under way at a
 * time, and the last change is always read.
 */
export function useReread<T>(call: CallState<T>, change: number | undefined): CallState<T> {
  const seen = useRef<number | undefined>(undefined);
  const { isLoading, reload } = call;
  useEffect(() => {
    if (isLoading || change === undefined || change === seen.current) return;
    seen.current = change;
    reload();
  }, [isLoading, change, reload]);
  return call;
}
