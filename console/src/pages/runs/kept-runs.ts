import { devboxNow } from "./devbox-clock.ts";
import { type RunFilters, toPredicate } from "./run-filters.ts";
import { RunList } from "./run-list.ts";

/** A list with what it is asked by, kept while the page shows others. */
export interface KeptRuns {
  /** Says whose list it is, too. */
  readonly key: string;
  readonly filters: RunFilters;
  readonly list: RunList;
  /** Where the reader was. */
  scrolledTo: number;
  /** When the list was known to be complete last. */
  knownAtMs: number;
}

export function startList(key: string, filters: RunFilters): KeptRuns {
  const list = new RunList(toPredicate(filters));
  return { key, filters, list, scrolledTo: 0, knownAtMs: devboxNow() };
}
