import { useCallback, useState } from "preact/hooks";

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
  const [isRunning, setIsRunning] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (...args: Args): Promise<boolean> => {
    if (isRunning) return false;
    setIsRunning(true);
    setError(undefined);
    try {
      await act(...args);
      return true;
    } catch (failure) {
      setError(failure);
      return false;
    } finally {
      setIsRunning(false);
    }
  };
  const clear = useCallback(() => setError(undefined), []);
  return { run, isRunning, error, clear };
}
