import { useCallback, useRef, useState } from "preact/hooks";

/** Something a person does: at most once at a time, with what went wrong. */
export interface Action<Args extends readonly unknown[]> {
  /** Resolves with whether it worked. */
  readonly run: (...args: Args) => Promise<boolean>;
  readonly isRunning: boolean;
  readonly error: unknown;
  readonly clear: () => void;
}

export function useAction<Args extends readonly unknown[]>(
  act: (...args: Args) => Promise<void>,
): Action<Args> {
  // Two clicks can come before the page is drawn anew.
  const isBusy = useRef(false);
  const [isRunning, setIsRunning] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (...args: Args): Promise<boolean> => {
    if (isBusy.current) return false;
    isBusy.current = true;
    setIsRunning(true);
    setError(undefined);
    try {
      await act(...args);
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      isBusy.current = false;
      setIsRunning(false);
    }
  };
  const clear = useCallback(() => setError(undefined), []);
  return { run, isRunning, error, clear };
}
