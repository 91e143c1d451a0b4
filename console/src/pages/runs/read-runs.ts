import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  Filter_Function,
  type ListRequestSchema,
  Sort_Direction,
} from "../../../../src/idl/identifiers.ts";
import type { ListRunsResponse } from "../../../../src/idl/runs.ts";
import type { ListFilter } from "./run-filters.ts";
import { compareRuns, type RunPlace, type RunRow, toRunRow } from "./run-row.ts";

/** Asks for one page. */
export type ListRuns = (
  request: MessageInitShape<typeof ListRequestSchema>,
) => Promise<Pick<ListRunsResponse, "runs" | "token">>;

/** As many as the devbox gives at once. */
export const pageSize = 200;

const order = [
  { key: "created_at", direction: Sort_Direction.DESCENDING },
  { key: "run_name", direction: Sort_Direction.ASCENDING },
];

/**
 * Reads the runs after a place, from the newest on without one. A place, unlike a page's token, stays where it
 * is while runs come and go, so that none is left out and none told twice.
 */
export async function readPage(
  list: ListRuns,
  filters: readonly ListFilter[],
  after: RunPlace | undefined,
): Promise<{ readonly runs: readonly RunRow[]; readonly isLast: boolean }> {
  const ask = async (...more: readonly ListFilter[]) => {
    const answer = await list({
      limit: pageSize,
      filters: [...filters, ...more],
      sortByFields: order,
    });
    return { runs: toRows(answer), isLast: answer.token === "" };
  };
  if (after === undefined) return ask();
  const { LESS_THAN, LESS_THAN_OR_EQUAL, EQUAL, GREATER_THAN } = Filter_Function;
  const { startedMs, name } = after;
  const at = [String(startedMs)];
  const whole = await ask({ field: "created_at", function: LESS_THAN_OR_EQUAL, values: at });
  const runs = whole.runs.filter((run) => compareRuns(after, run) < 0);
  if (runs.length > 0 || whole.isLast) return { runs, isLast: whole.isLast };
  // More runs of this very moment than a page holds.
  const rest = await ask(
    { field: "created_at", function: EQUAL, values: at },
    { field: "run_name", function: GREATER_THAN, values: [name] },
  );
  if (rest.runs.length > 0) return { runs: rest.runs, isLast: false };
  return ask({ field: "created_at", function: LESS_THAN, values: at });
}

/** Reads the runs that have changed since a time of the devbox's clock. */
export async function readChanged(list: ListRuns, sinceMs: number): Promise<readonly RunRow[]> {
  const filters = [
    {
      field: "updated_at",
      function: Filter_Function.GREATER_THAN_OR_EQUAL,
      values: [String(sinceMs)],
    },
  ];
  const runs: RunRow[] = [];
  let after: RunPlace | undefined;
  for (;;) {
    const page = await readPage(list, filters, after);
    runs.push(...page.runs);
    after = page.runs.at(-1);
    if (page.isLast || after === undefined) return runs;
  }
}

function toRows({ runs }: Pick<ListRunsResponse, "runs">): readonly RunRow[] {
  return runs.map(toRunRow).filter((run) => run !== undefined);
}
