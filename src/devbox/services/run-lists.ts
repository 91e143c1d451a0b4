import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type ListActionsRequest,
  type ListActionsResponse,
  ListActionsResponseSchema,
  type ListRunsRequest,
  type ListRunsResponse,
  ListRunsResponseSchema,
} from "../../idl/runs.ts";
import { conditionFields } from "../../idl/signals.ts";
import { readUnknownNumber } from "../../values/unknown-fields.ts";
import { type Caller, callerKey } from "../auth/caller.ts";
import {
  actionColumns,
  defaultRunOrder,
  onlyPaused,
  runScopes,
  runTieBreak,
  selectActions,
  selectRuns,
  type TaskCondition,
} from "../store/action-lists.ts";
import { buildListQuery } from "../store/list-query.ts";
import type { Scope } from "../store/tasks.ts";
import { toAction, toRun } from "./action-messages.ts";
import { type RunServiceOptions, requireRun } from "./find-run.ts";
import { onlyOfTrigger } from "./runs-of-trigger.ts";
import { readableScopes, requireCaller } from "./scope.ts";

/** `RunService.ListRuns`: of one scope, task or trigger, or of all that the caller may read. */
export function listRuns(
  given: ListRunsRequest,
  context: HandlerContext,
  options: RunServiceOptions,
): ListRunsResponse {
  const { request, scopeBy } = given;
  const pausedOnly = readUnknownNumber(given, conditionFields.listPausedOnly) !== 0;
  const caller = requireCaller(context.values.get(callerKey));
  const all = buildListQuery({
    request,
    columns: actionColumns,
    defaultOrder: defaultRunOrder,
    tieBreak: runTieBreak,
  });
  const { project, domain, task } = readScope(scopeBy);
  const scopes = readableRunScopes(options, caller, project, domain);
  const query =
    scopeBy.case === "triggerName" ? onlyOfTrigger(all, scopeBy.value, caller, options) : all;
  const { rows, token } = query.page(
    selectRuns(options.database, scopes, task, pausedOnly ? onlyPaused(query) : query),
  );
  return create(ListRunsResponseSchema, {
    runs: rows.map((row) => toRun(options.database, row)),
    token,
  });
}

/** `RunService.ListActions`. */
export function listActions(
  { request, runId }: ListActionsRequest,
  context: HandlerContext,
  options: RunServiceOptions,
): ListActionsResponse {
  const { row: run } = requireRun(options, runId, context);
  const query = buildListQuery({
    request,
    columns: actionColumns,
    defaultOrder: "created_at ASC, name ASC",
    tieBreak: runTieBreak,
  });
  const { rows, token } = query.page(selectActions(options.database, run, query));
  return create(ListActionsResponseSchema, {
    actions: rows.map((row) => toAction(options.database, row)),
    token,
  });
}

/**
 * The scope that is named, or all scopes with runs that the caller may read.
 *
 * @throws FlyteError `permission_denied` for a named scope without the right
 */
export function readableRunScopes(
  { database, authorizer }: RunServiceOptions,
  caller: Caller,
  project: string,
  domain: string,
): readonly Scope[] {
  return readableScopes(authorizer, caller, { project, domain }, () => runScopes(database));
}

function readScope(scopeBy: ListRunsRequest["scopeBy"]): {
  readonly project: string;
  readonly domain: string;
  readonly task: TaskCondition;
} {
  switch (scopeBy.case) {
    case "projectId":
      return { project: scopeBy.value.name, domain: scopeBy.value.domain, task: {} };
    case "taskName":
    case "taskId": {
      const { project, domain, name } = scopeBy.value;
      const version = scopeBy.case === "taskId" ? scopeBy.value.version : "";
      return { project: "", domain: "", task: { project, domain, name, version } };
    }
    default:
      return { project: "", domain: "", task: {} };
  }
}
