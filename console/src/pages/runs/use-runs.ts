import { useCallback, useEffect, useReducer, useRef } from "preact/hooks";
import { runs as runService } from "../../control-plane/clients.ts";
import { isCanceled } from "../../control-plane/error-words.ts";
import { useWatch, type WatchStatus } from "../../control-plane/use-watch.ts";
import type { Scope } from "../../scope.ts";
import { useSignedIn } from "../../session/session.ts";
import { devboxNow, noteDevboxClock } from "./devbox-clock.ts";
import { type KeptRuns, startList } from "./kept-runs.ts";
import { type ListRuns, readChanged, readPage } from "./read-runs.ts";
import { fixTimes, type RunFilters, toListFilters } from "./run-filters.ts";
import { type RunRow, toRunRow } from "./run-row.ts";

export interface Runs {
  /** The list that is shown; the one before until the first page of another is there. */
  readonly shown: KeptRuns | undefined;
  readonly isLoading: boolean;
  readonly error: unknown;
  readonly status: WatchStatus;
  /** Reads the next page, unless one is on its way or there is none. */
  readonly readMore: () => void;
  readonly retry: () => void;
  /** Shows what was held back. */
  readonly release: () => void;
  /** Set while new runs are to be held back at the top. */
  readonly hold: { current: boolean };
}

/** The last list, for who comes back to it. */
let last: KeptRuns | undefined;

/** How often the number of those held back is drawn. */
const countedMs = 250;

/** For what the clock of the devbox is told to, a second, and for changes that were on their way to the disk while a later one was told already. */
const slackMs = 5_000;

/** The runs of a project and domain that filters let through, live. */
export function useRuns(scope: Scope, filters: RunFilters): Runs {
  const { project, domain } = scope;
  const { subject } = useSignedIn();
  const key = JSON.stringify([subject, project, domain, filters]);
  const [, render] = useReducer<number, void>((before) => before + 1, 0);
  const hold = useRef(false);
  const state = useRef<State>({ isLoading: true, isBehind: false });
  const inFrame = useRef<RunRow[]>([]);
  const later = useRef<ReturnType<typeof setTimeout>>();

  const list = useCallback(
    (signal: AbortSignal): ListRuns =>
      (request) => {
        const value = { name: project, domain };
        return runService.listRuns(
          { request, scopeBy: { case: "projectId", value } },
          { signal, onHeader: noteDevboxClock },
        );
      },
    [project, domain],
  );

  /** Reads what has changed while nobody told. */
  const catchUp = useCallback(() => {
    const { next, signal, shown } = state.current;
    state.current.isBehind = true;
    // Before its first page is there nothing is missing.
    if (next === undefined || signal === undefined || next !== shown) return;
    const reading = next.list.startReading();
    const askedAtMs = devboxNow();
    readChanged(list(signal), Math.max(0, next.knownAtMs - slackMs)).then(
      (changed) => {
        if (signal.aborted) return;
        next.list.addChanges(reading, changed, hold.current);
        next.knownAtMs = askedAtMs;
        state.current.isBehind = false;
        render();
      },
      (error: unknown) => {
        next.list.giveUp(reading);
        if (isCanceled(error)) return;
        state.current.error = error;
        render();
      },
    );
  }, [list]);

  const read = useCallback(
    (kept: KeptRuns, signal: AbortSignal) => {
      const { list: runs } = kept;
      const current = state.current;
      const reading = runs.startReading();
      const isFirst = runs.end === undefined;
      if (isFirst) kept.knownAtMs = devboxNow();
      Object.assign(current, { isLoading: true, error: undefined });
      render();
      readPage(list(signal), toListFilters(kept.filters), runs.end)
        .then(({ runs: page, isLast }) => {
          if (signal.aborted) return;
          runs.addPage(reading, page, isLast);
          Object.assign(current, { isLoading: false, shown: kept });
          if (current.isBehind) catchUp();
        })
        .catch((error: unknown) => {
          runs.giveUp(reading);
          if (!signal.aborted) Object.assign(current, { isLoading: false, error });
        })
        .finally(() => !signal.aborted && render());
    },
    [list, catchUp],
  );

  useEffect(() => {
    const stop = new AbortController();
    const isBack = last?.key === key;
    const fixed = fixTimes(filters, Date.now());
    const kept = isBack && last !== undefined ? last : startList(key, fixed);
    Object.assign(state.current, { next: kept, signal: stop.signal, error: undefined });
    state.current.isBehind = isBack;
    if (isBack) {
      Object.assign(state.current, { shown: kept, isLoading: false });
      catchUp();
      render();
    } else {
      read(kept, stop.signal);
    }
    return () => {
      stop.abort();
      if (state.current.shown === kept) last = kept;
    };
  }, [key, read]);

  const flush = (): void => {
    const changed = inFrame.current;
    inFrame.current = [];
    const { next } = state.current;
    if (next === undefined) return;
    const before = next.list.changes;
    next.list.change(changed, hold.current);
    if (next.list.changes !== before) render();
    else later.current ??= setTimeout(count, countedMs);
  };
  // Whoever reads further down is told how many there are, and not at each of them.
  const count = (): void => {
    later.current = undefined;
    render();
  };
  useEffect(() => () => clearTimeout(later.current), []);

  const status = useWatch({
    key: `${project}/${domain}`,
    open: (signal, onHeader) => {
      const value = { name: project, domain };
      const target = { case: "projectId", value } as const;
      return runService.watchRuns({ target }, { signal, onHeader });
    },
    onOpen: catchUp,
    onMessage: ({ runs: changed }) => {
      const { next } = state.current;
      if (next !== undefined && !state.current.isBehind) next.knownAtMs = devboxNow();
      if (inFrame.current.length === 0) requestAnimationFrame(flush);
      inFrame.current.push(...changed.map(toRunRow).filter((run) => run !== undefined));
    },
  });

  const readNext = useCallback(() => {
    const { next, signal, isLoading } = state.current;
    if (next === undefined || signal === undefined || isLoading || next.list.isComplete) return;
    read(next, signal);
  }, [read]);
  const readMore = useCallback(() => {
    if (state.current.error === undefined) readNext();
  }, [readNext]);
  const retry = useCallback(() => {
    state.current.error = undefined;
    if (state.current.isBehind) catchUp();
    readNext();
    render();
  }, [catchUp, readNext]);
  const release = useCallback(() => {
    state.current.next?.list.release();
    render();
  }, []);

  const { shown, isLoading, error } = state.current;
  return { shown, isLoading, error, status, readMore, retry, release, hold };
}

interface State {
  /** The list that is being read; from its first page on the one that is shown. */
  next?: KeptRuns;
  shown?: KeptRuns;
  isLoading: boolean;
  /** Whether changes may have been missed: the stream has begun after the list was read. */
  isBehind: boolean;
  error?: unknown;
  signal?: AbortSignal;
}
