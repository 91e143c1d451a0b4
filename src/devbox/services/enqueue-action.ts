import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import {
  type EnqueuedAction,
  type EnqueueRequest,
  type EnqueueResponse,
  EnqueueResponseSchema,
} from "../../idl/actions.ts";
import { ActionType } from "../../idl/runs.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isTerminal, toPhase } from "../../values/phases.ts";
import { callerKey } from "../auth/caller.ts";
import { isBlobSegment } from "../blobs/blob-path.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { type ActionKey, type ActionRow, findAction, rootAction } from "../store/actions.ts";
import { readChild, type StoreChild } from "./child-actions.ts";
import { type RunServiceOptions, readRunId } from "./find-run.ts";
import { required, requiredText } from "./scope.ts";

export interface EnqueueOptions extends RunServiceOptions {
  readonly blobs: BlobStore;
}

/**
 * `ActionsService.Enqueue`: stores an action below one that goes on, and starts it. An action of that name
 * that the same parent has started stays as it is: a task that begins again finds what it had.
 *
 * @throws FlyteError `not_found` without the parent, `invalid_input`, `conflict` for a name that is taken
 * @throws ConnectError `aborted` when the parent has ended
 */
export async function enqueueAction(
  request: EnqueueRequest,
  context: HandlerContext,
  options: EnqueueOptions,
): Promise<EnqueueResponse> {
  const { database, authorizer, engine } = options;
  const action = required(request.action, "action");
  const key = readKey(action);
  authorizer.require(context.values.get(callerKey), "run", key);
  const parentName = requiredText(action.parentActionName, "action.parent_action_name", 30);
  // Read before the write, so that nothing slow is in it; the parent is asked again there.
  const first = requireParent(findAction(database, { ...key, name: parentName }), key, parentName);
  const child = readChild(action, first, options);
  const stored = await database.write(() => {
    const parent = requireParent(findAction(database, first), key, parentName);
    const known = findAction(database, key);
    if (known !== undefined) return checkKnown(known, parent, child);
    if (isEnded(parent)) throw hasEnded(parent);
    return { row: child.store(key, parent), isNew: true };
  });
  if (stored.isNew) engine.submit(stored.row);
  return create(EnqueueResponseSchema);
}

function readKey({ actionId }: EnqueuedAction): ActionKey {
  const { run, name } = required(actionId, "action.action_id");
  const key = {
    ...readRunId(run, "action.action_id.run"),
    name: requiredText(name, "action.action_id.name", 30),
  };
  // The name is a folder of the run, beside that of its inputs.
  if (isBlobSegment(key.name) && key.name !== rootAction && key.name !== "inputs") return key;
  throw new FlyteError(
    "invalid_input",
    `action.action_id.name ${JSON.stringify(key.name)} must be made of letters, digits and . _ - @ + = , ~ and be neither "." nor ".." nor "inputs" nor "${rootAction}"; runs are started by CreateRun`,
  );
}

function requireParent(row: ActionRow | undefined, key: ActionKey, name: string): ActionRow {
  if (row === undefined) {
    throw new FlyteError(
      "not_found",
      `parent action ${JSON.stringify(name)} of run ${JSON.stringify(key.run)} not found in ${key.project}/${key.domain}`,
    );
  }
  if (row.type === ActionType.TASK) return row;
  throw new FlyteError("invalid_input", `parent action ${JSON.stringify(name)} is no task`);
}

function checkKnown(known: ActionRow, parent: ActionRow, { type }: StoreChild) {
  if (known.parent === parent.name && known.type === type) return { row: known, isNew: false };
  throw new FlyteError(
    "conflict",
    `action ${JSON.stringify(known.name)} of run ${JSON.stringify(known.run)} is another one already`,
  );
}

function isEnded({ phase }: ActionRow): boolean {
  const name = toPhase(phase);
  return name !== undefined && isTerminal(name);
}

/** Flyte's SDKs take this code for the end of the run, and do not try again. */
function hasEnded({ name, run, phase }: ActionRow): ConnectError {
  return new ConnectError(
    `action ${JSON.stringify(name)} of run ${JSON.stringify(run)} has ended: it is ${toPhase(phase)}`,
    Code.Aborted,
  );
}
