import type { VNode } from "preact";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { useQuery } from "../../navigation/location.ts";
import type { PageProps } from "../../page-props.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { WatchState } from "../../ui/watch-state.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { GoToRun } from "./go-to-run.tsx";
import type { KeptRuns } from "./kept-runs.ts";
import { NoMatch, NoRuns } from "./no-runs.tsx";
import {
  countFilters,
  noFilters,
  type RunFilters,
  readFilters,
  writeFilters,
} from "./run-filters.ts";
import type { Person } from "./run-row.ts";
import { RunsTable } from "./runs-table.tsx";
import { type Runs, useRuns } from "./use-runs.ts";
import "./runs.css";

export function RunsPage({ scope }: PageProps): VNode {
  usePageTitle(`Runs of ${scope.project}, ${scope.domain}`);
  const [query, changeQuery] = useQuery();
  const search = query.toString();
  const filters = useMemo(() => readFilters(query), [search]);
  const change = useCallback((next: RunFilters) => {
    changeQuery(writeFilters(next), { replace: false });
  }, []);
  const runs = useRuns(scope, filters);
  const { shown, status, error } = runs;
  const owners = useOwners(shown);
  const isRefused = shown === undefined && error !== undefined;
  return (
    <div class="runs-page">
      <PageHeader title="Runs">
        {!isRefused && <WatchState status={status} />}
        <GoToRun scope={scope} />
      </PageHeader>
      <FilterBar filters={filters} owners={owners} onChange={change} />
      {shown === undefined ? (
        isRefused ? (
          <ErrorNotice error={error} retry={runs.retry} />
        ) : (
          <Loading what="runs" />
        )
      ) : (
        <Shown {...{ scope, shown, runs }} clear={() => change(noFilters)} />
      )}
    </div>
  );
}

function Shown({
  scope,
  shown,
  runs,
  clear,
}: {
  readonly scope: PageProps["scope"];
  readonly shown: KeptRuns;
  readonly runs: Runs;
  readonly clear: () => void;
}): VNode {
  const { list, filters } = shown;
  if (list.runs.length > 0 || !list.isComplete) {
    return <RunsTable scope={scope} kept={shown} runs={runs} />;
  }
  return countFilters(filters) > 0 ? <NoMatch clear={clear} /> : <NoRuns scope={scope} />;
}

/** Everybody whose runs have been seen, also while others were listed. */
function useOwners(shown: KeptRuns | undefined): readonly Person[] {
  const known = useRef(new Map<string, Person>());
  const people = useRef<readonly Person[]>([]);
  for (const [subject, owner] of shown?.list.owners ?? []) known.current.set(subject, owner);
  if (people.current.length !== known.current.size) {
    people.current = [...known.current.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  return people.current;
}
