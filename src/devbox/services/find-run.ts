import type { HandlerContext } from "@connectrpc/connect";
import type { ActionIdentifier, RunIdentifier } from "../../idl/identifiers.ts";
import { FlyteError } from "../../shared/errors.ts";
import { type Authorizer, type Caller, callerKey, type Permission } from "../auth/caller.ts";
import type { Engine } from "../engine/create-engine.ts";
import { type ActionKey, type ActionRow, findAction, rootAction } from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { required, requiredText } from "./scope.ts";

/** What the run services work on. */
export interface RunServiceOptions {
  readonly database: Database;
  readonly authorizer: Authorizer;
  readonly engine: Engine;
}

export interface FoundAction {
  readonly row: ActionRow;
  readonly caller: Caller;
}

/**
 * A stored action that the caller has the right to.
 *
 * @throws FlyteError `invalid_input` for an incomplete id, `permission_denied`, `not_found`
 */
export function requireAction(
  { database, authorizer }: RunServiceOptions,
  actionId: ActionIdentifier | undefined,
  context: HandlerContext,
  permission: Permission = "read",
): FoundAction {
  const { run, name } = required(actionId, "action_id");
  const key = {
    ...readRunId(run, "action_id.run"),
    name: requiredText(name, "action_id.name", 30),
  };
  const caller = authorizer.require(context.values.get(callerKey), permission, key);
  const row = findAction(database, key);
  if (row !== undefined) return { row, caller };
  const what = name === rootAction ? "run" : `action ${JSON.stringify(name)} of run`;
  throw new FlyteError(
    "not_found",
    `${what} ${JSON.stringify(key.run)} not found in ${key.project}/${key.domain}`,
  );
}

/** The root action of a stored run that the caller has the right to. */
export function requireRun(
  options: RunServiceOptions,
  runId: RunIdentifier | undefined,
  context: HandlerContext,
  permission: Permission = "read",
): FoundAction {
  const run = required(runId, "run_id");
  const actionId = {
    $typeName: "flyteidl2.common.ActionIdentifier",
    run,
    name: rootAction,
  } as const;
  return requireAction(options, actionId, context, permission);
}

/** A run's identity without the organisation. @throws FlyteError `invalid_input` */
export function readRunId(runId: RunIdentifier | undefined, path: string): Omit<ActionKey, "name"> {
  const { project, domain, name } = required(runId, path);
  return {
    project: requiredText(project, `${path}.project`, 63),
    domain: requiredText(domain, `${path}.domain`, 63),
    run: requiredText(name, `${path}.name`, 30),
  };
}
