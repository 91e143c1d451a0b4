import type { MessageInitShape } from "@bufbuild/protobuf";
import { Filter_Function, type FilterSchema } from "../idl/identifiers.ts";
import { RunService } from "../idl/runs.ts";
import { fromPhase } from "../values/phases.ts";
import type { CallContext } from "./call-context.ts";
import type { RunStatus, Scope } from "./control-plane.ts";
import { newestFirst, type Page, type PageAsked } from "./list-pages.ts";
import type { RunFilter } from "./run-calls.ts";
import { toRunStatus } from "./run-status.ts";
import { type Session, toProjectId } from "./session.ts";

/** Which runs, and which page of them. */
export interface RunListing extends PageAsked {
  readonly scope: Scope;
  readonly filter: RunFilter;
}

/** One page of the runs of a project and domain, newest first. */
export async function readRunPage(
  session: Session,
  { scope, filter, limit, token }: RunListing,
  call: CallContext,
): Promise<Page<RunStatus>> {
  const answer = await session.channel.unary(
    RunService.method.listRuns,
    {
      scopeBy: { case: "projectId", value: toProjectId(session, scope) },
      request: { ...newestFirst(limit, token), filters: toFilters(filter) },
    },
    call,
  );
  const asked = { ...scope, name: "", consoleUrl: session.options.consoleUrl };
  return {
    items: answer.runs.map(({ action }) => toRunStatus(action, asked)),
    token: answer.token,
  };
}

type Filter = MessageInitShape<typeof FilterSchema>;

function toFilters(filter: RunFilter): Filter[] {
  const { EQUAL, VALUE_IN, GREATER_THAN_OR_EQUAL, LESS_THAN } = Filter_Function;
  const filters: Filter[] = [];
  const add = (field: string, operator: Filter_Function, ...values: readonly string[]): void => {
    filters.push({ field, function: operator, values: [...values] });
  };
  // Control planes fail on a set of one value.
  const addAny = (field: string, values: readonly string[]): void =>
    add(field, values.length === 1 ? EQUAL : VALUE_IN, ...values);
  if (filter.phases !== undefined) {
    addAny(
      "phase",
      filter.phases.map((phase) => String(fromPhase(phase))),
    );
  }
  if (filter.task !== undefined) addAny("task_name", [filter.task].flat());
  if (filter.owner !== undefined) add("created_by_subject", EQUAL, filter.owner);
  if (filter.since !== undefined)
    add("created_at", GREATER_THAN_OR_EQUAL, filter.since.toISOString());
  if (filter.until !== undefined) add("created_at", LESS_THAN, filter.until.toISOString());
  return filters;
}
