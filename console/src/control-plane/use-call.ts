import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { onBack } from "./connection.ts";
import { isCanceled } from "./error-words.ts";

/** What became of a call: what it answered last stays while it is made again. */
export interface CallState<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Makes the call again. */
  readonly reload: () => void;
}

interface Answer<T> {
  /** What was asked, so that the answer to another question is not shown. */
  readonly of: string;
  readonly data?: T;
  readonly error?: unknown;
}

/**
 * Makes a call when the page shows and whenever `key` changes; the call before is given up.
 *
 * @param key says all that the call depends on
 */
export function useCall<T>(key: string, call: (signal: AbortSignal) => Promise<T>): CallState<T> {
  const latest = useRef(call);
  latest.current = call;
  const [answer, setAnswer] = useState<Answer<T>>();
  const [isLoading, setIsLoading] = useState(true);
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => onBack(reload), [reload]);

  useEffect(() => {
    const controller = new AbortController();
    setIsLoading(true);
    void latest
      .current(controller.signal)
      .then((data): Answer<T> => ({ of: key, data }))
      .catch((error: unknown): Answer<T> => ({ of: key, error }))
      .then((next) => {
        if (controller.signal.aborted || isCanceled(next.error)) return;
        setAnswer((before) =>
          "error" in next && before?.of === key ? { ...before, error: next.error } : next,
        );
        setIsLoading(false);
      });
    return () => controller.abort();
  }, [key, round]);

  const isCurrent = answer?.of === key;
  return {
    data: isCurrent ? answer.data : undefined,
    error: isCurrent ? answer.error : undefined,
    isLoading: isLoading || !isCurrent,
    reload,
  };
}
