import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import { LogSearch } from "./log-search.ts";
import type { LiveLog } from "./use-log.ts";

/** Lines that are looked through between two frames. */
const linesPerTurn = 4_000;

export interface LogSearchState {
  readonly query: string;
  readonly change: (query: string) => void;
  readonly pattern: RegExp | undefined;
  /** Numbers of the lines that were found so far. */
  readonly found: readonly number[];
  readonly isDone: boolean;
  /** Looks on at once, and returns what was found so far. */
  readonly look: () => readonly number[];
}

/** Searches all lines that are kept, and those that come. */
export function useLogSearch({ buffer, version }: LiveLog): LogSearchState {
  const [query, change] = useState("");
  const search = useMemo(() => new LogSearch(buffer, query), [buffer, query]);
  const [isDone, setIsDone] = useState(true);
  const [, show] = useReducer<number, void>((before) => before + 1, 0);
  useEffect(() => {
    let frame: number;
    const scan = (): void => {
      const done = search.scan(linesPerTurn);
      setIsDone(done);
      if (search.pattern !== undefined) show();
      if (!done) frame = requestAnimationFrame(scan);
    };
    scan();
    return () => cancelAnimationFrame(frame);
  }, [search, version]);
  const look = (): readonly number[] => {
    search.scan(linesPerTurn);
    return search.found;
  };
  return { query, change, pattern: search.pattern, found: search.found, isDone, look };
}
