import { setTimeout as delay } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { Filter_Function } from "../../idl/identifiers.ts";
import {
  type EnrichedAction,
  EnrichedActionSchema,
  type WatchActionDetailsRequest,
  type WatchActionDetailsResponse,
  WatchActionDetailsResponseSchema,
  type WatchActionsRequest,
  type WatchActionsResponse,
  WatchActionsResponseSchema,
  type WatchRunDetailsRequest,
  type WatchRunDetailsResponse,
  WatchRunDetailsResponseSchema,
  type WatchRunsRequest,
  type WatchRunsResponse,
  WatchRunsResponseSchema,
} from "../../idl/runs.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isTerminal, toPhase } from "../../values/phases.ts";
import { callerKey } from "../auth/caller.ts";
import {
  actionColumns,
  defaultRunOrder,
  findActionsOfRun,
  runTieBreak,
  selectRuns,
} from "../store/action-lists.ts";
import { type ActionRow, findActionById } from "../store/actions.ts";
import { buildListQuery } from "../store/list-query.ts";
import { toAction, toActionDetails, toRun, toRunDetails } from "./action-messages.ts";
import { type RunServiceOptions, requireAction, requireRun } from "./find-run.ts";
import { readableRunScopes } from "./run-lists.ts";
import { requireCaller } from "./scope.ts";

/** Runs that a watch of runs begins with. */
const firstRuns = 100;

/** Actions in one message of a watch. */
const pageSize = 1000;

/** `RunService.WatchActionDetails`: the present state, then each change; ends with the action. */
export async function* watchActionDetails(
  { actionId }: WatchActionDetailsRequest,
  context: HandlerContext,
  options: RunServiceOptions,
): AsyncGenerator<WatchActionDetailsResponse, void, undefined> {
  const { row } = requireAction(options, actionId, context);
  for await (const state of statesOf(row, context, options)) {
    const details = toActionDetails(options.database, state);
    yield create(WatchActionDetailsResponseSchema, { details });
  }
}

/** `RunService.WatchRunDetails`: the same for a run, with its specification. */
export async function* watchRunDetails(
  { runId }: WatchRunDetailsRequest,
  context: HandlerContext,
  options: RunServiceOptions,
): AsyncGenerator<WatchRunDetailsResponse, void, undefined> {
  const { row } = requireRun(options, runId, context);
  for await (const state of statesOf(row, context, options)) {
    const details = toRunDetails(options.database, state);
    yield create(WatchRunDetailsResponseSchema, { details });
  }
}

async function* statesOf(
  { id }: ActionRow,
  context: HandlerContext,
  { database, engine }: RunServiceOptions,
): AsyncGenerator<ActionRow, void, undefined> {
  // Listens before it reads, so that no change falls between.
  const changes = engine.changes.watch((changed) => changed.id === id, context.signal);
  try {
    for (;;) {
      const row = findActionById(database, id);
      if (row === undefined) return;
      yield row;
      if (isEnded(row)) return;
      if ((await changes.next()).done === true) return context.signal.throwIfAborted();
    }
  } finally {
    await changes.return();
  }
}

/** `RunService.WatchRuns`: the first hundred runs, then each run that changes, new ones included. */
export async function* watchRuns(
  { target }: WatchRunsRequest,
  context: HandlerContext,
  options: RunServiceOptions,
): AsyncGenerator<WatchRunsResponse, void, undefined> {
  const { database, engine, authorizer } = options;
  const caller = requireCaller(context.values.get(callerKey));
  const { name: project, domain } = target.case === "projectId" ? target.value : everywhere;
  const scopes = readableRunScopes(options, caller, project, domain);
  const changes = engine.changes.watch(
    (changed) =>
      (project === "" || changed.project === project) &&
      (domain === "" || changed.domain === domain),
    context.signal,
  );
  try {
    const query = buildListQuery({
      request: undefined,
      columns: actionColumns,
      defaultOrder: defaultRunOrder,
      tieBreak: runTieBreak,
    });
    const rows = selectRuns(database, scopes, {}, { ...query, limit: firstRuns - 1 });
    yield toRunsMessage(options, rows);
    for await (const ids of changes) {
      const changed = ids
        .map((id) => findActionById(database, id))
        .filter((row) => row !== undefined)
        .filter((row) => row.parent === null && authorizer.allows(caller, "read", row));
      if (changed.length === 0) continue;
      yield toRunsMessage(options, changed);
      await pause(listIntervalMs, context.signal);
    }
    context.signal.throwIfAborted();
  } finally {
    await changes.return();
  }
}

/** A list changes at most ten times a second: what changes meanwhile is told together, each run once. */
const listIntervalMs = 100;

const everywhere = { name: "", domain: "" };

/** Ends early with the call. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

function toRunsMessage(
  { database }: RunServiceOptions,
  rows: readonly ActionRow[],
): WatchRunsResponse {
  return create(WatchRunsResponseSchema, { runs: rows.map((row) => toRun(database, row)) });
}

/** `RunService.WatchActions`: all actions of a run, then each that changes; never ends by itself. */
export async function* watchActions(
  { runId, filter }: WatchActionsRequest,
  context: HandlerContext,
  options: RunServiceOptions,
): AsyncGenerator<WatchActionsResponse, void, undefined> {
  const { database, engine } = options;
  const { row: run } = requireRun(options, runId, context);
  const meets = toTest(filter);
  const changes = engine.changes.watch(
    ({ project, domain, run: name }) =>
      project === run.project && domain === run.domain && name === run.run,
    context.signal,
  );
  const enrich = (row: ActionRow): EnrichedAction =>
    create(EnrichedActionSchema, { action: toAction(database, row), meetsFilter: meets(row) });
  try {
    const all = findActionsOfRun(database, run);
    for (let at = 0; at < all.length; at += pageSize) {
      const enrichedActions = all.slice(at, at + pageSize).map(enrich);
      yield create(WatchActionsResponseSchema, { enrichedActions });
    }
    for await (const ids of changes) {
      const rows = ids.flatMap((id) => findActionById(database, id) ?? []);
      yield create(WatchActionsResponseSchema, { enrichedActions: rows.map(enrich) });
    }
    context.signal.throwIfAborted();
  } finally {
    await changes.return();
  }
}

/** A filter by phase (`VALUE_IN`, numbers) or by a part of the name. */
function toTest(filters: WatchActionsRequest["filter"]): (row: ActionRow) => boolean {
  const tests = filters.map(({ field, function: how, values }) => {
    if (field === "phase" && how === Filter_Function.VALUE_IN) {
      return (row: ActionRow) => values.includes(String(row.phase));
    }
    if (field === "name" && how === Filter_Function.CONTAINS_CASE_INSENSITIVE) {
      const parts = values.map((value) => value.toLowerCase());
      return (row: ActionRow) => {
        const name = row.function_name.toLowerCase();
        return parts.some((part) => name.includes(part));
      };
    }
    throw new FlyteError(
      "invalid_input",
      "Actions can be watched by phase (VALUE_IN) and by name (CONTAINS_CASE_INSENSITIVE).",
    );
  });
  return (row) => tests.every((test) => test(row));
}

function isEnded({ phase }: ActionRow): boolean {
  const name = toPhase(phase);
  return name !== undefined && isTerminal(name);
}
