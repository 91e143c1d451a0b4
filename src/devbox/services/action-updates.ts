import { create, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type ActionUpdate,
  ActionUpdateSchema,
  type WatchForUpdatesRequest,
  type WatchForUpdatesResponse,
  WatchForUpdatesResponseSchema,
} from "../../idl/actions.ts";
import { ExecutionError_ErrorKind } from "../../idl/execution.ts";
import { LiteralSchema } from "../../idl/literals.ts";
import { ActionType } from "../../idl/runs.ts";
import { fromPhase } from "../../values/phases.ts";
import { findOutputsUri, listActionEvents } from "../store/action-events.ts";
import { type ActionRow, findActionById, findChildren } from "../store/actions.ts";
import { findCondition } from "../store/conditions.ts";
import type { Database } from "../store/database.ts";
import { toActionId } from "./action-messages.ts";
import { type RunServiceOptions, requireAction } from "./find-run.ts";
import { required } from "./scope.ts";

/**
 * `ActionsService.WatchForUpdates`: an action and those right below it, ended ones included, then a
 * sentinel, then each that changes. Never ends by itself.
 */
export async function* watchForUpdates(
  { filter }: WatchForUpdatesRequest,
  context: HandlerContext,
  options: RunServiceOptions,
): AsyncGenerator<WatchForUpdatesResponse, void, undefined> {
  const { database, engine } = options;
  const { row: parent } = requireAction(
    options,
    required(filter.case === "parentActionId" ? filter.value : undefined, "parent_action_id"),
    context,
  );
  // Listens before it reads, so that no change falls between.
  const changes = engine.changes.watch(
    ({ project, domain, run }) =>
      project === parent.project && domain === parent.domain && run === parent.run,
    context.signal,
  );
  try {
    for (const row of [parent, ...findChildren(database, parent)]) {
      yield toMessage(database, findActionById(database, row.id) ?? row);
    }
    yield create(WatchForUpdatesResponseSchema, {
      message: { case: "controlMessage", value: { sentinel: true } },
    });
    for await (const ids of changes) {
      for (const id of ids) {
        const row = findActionById(database, id);
        if (row?.id !== parent.id && row?.parent !== parent.name) continue;
        yield toMessage(database, row);
      }
    }
    context.signal.throwIfAborted();
  } finally {
    await changes.return();
  }
}

function toMessage(database: Database, row: ActionRow): WatchForUpdatesResponse {
  return create(WatchForUpdatesResponseSchema, {
    message: { case: "actionUpdate", value: toUpdate(database, row) },
  });
}

function toUpdate(database: Database, row: ActionRow): ActionUpdate {
  const value =
    row.type === ActionType.CONDITION ? findCondition(database, row.id)?.value : undefined;
  return create(ActionUpdateSchema, {
    actionId: toActionId(row),
    phase: row.phase,
    outputUri: toOutputUri(database, row),
    ...toError(database, row),
    ...(value ? { value: fromBinary(LiteralSchema, value) } : {}),
  });
}

/** Of a task the folder of its outputs, of a trace the file itself. */
function toOutputUri(database: Database, row: ActionRow): string {
  const uri = findOutputsUri(database, row.id) ?? "";
  return row.type === ActionType.TRACE ? uri : uri.replace(/\/outputs\.pb$/, "");
}

function toError(
  database: Database,
  row: ActionRow,
): Pick<MessageInitShape<typeof ActionUpdateSchema>, "error"> | undefined {
  if (row.phase !== fromPhase("failed") && row.phase !== fromPhase("timed_out")) return undefined;
  const last = listActionEvents(database, row.id).at(-1);
  if (last?.error_message == null) return undefined;
  const { USER, SYSTEM } = ExecutionError_ErrorKind;
  const kind = last.error_kind === "system" ? SYSTEM : USER;
  return { error: { code: last.error_code ?? "", message: last.error_message, kind } };
}
