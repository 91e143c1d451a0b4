import { Filter_Function } from "../../../../src/idl/identifiers.ts";
import type { Trigger } from "../../../../src/idl/triggers.ts";
import { triggers } from "../../control-plane/clients.ts";
import type { Scope } from "../../scope.ts";
import { type TriggerRow, toTriggerRow } from "./trigger-row.ts";

export interface TriggersPageOf {
  readonly rows: readonly TriggerRow[];
  /** Where the next page begins; empty on the last one. */
  readonly token: string;
  /** When it was read, in milliseconds. */
  readonly readAt: number;
}

const pageSize = 50;
/** What a search shows at most, as it has no further pages. */
export const searchSize = 200;

export interface ReadTriggers {
  /** A part of the trigger's or the task's name. */
  readonly search: string;
  readonly token: string;
}

/** One page of the triggers of a project and domain, active ones first. */
export async function readTriggers(
  scope: Scope,
  { search, token }: ReadTriggers,
  signal: AbortSignal,
): Promise<TriggersPageOf> {
  const readAt = Date.now();
  if (search === "") {
    const answer = await list(scope, { limit: pageSize, token }, signal);
    return { rows: toRows(answer.triggers, scope), token: answer.token, readAt };
  }
  // Filters of a list all have to match: one of two fields takes two questions.
  const [byName, byTask] = await Promise.all(
    ["name", "task_name"].map((field) =>
      list(scope, { limit: searchSize, filters: [contains(field, search)] }, signal),
    ),
  );
  const found = [...(byName?.triggers ?? []), ...(byTask?.triggers ?? [])];
  const rows = new Map(
    toRows(found, scope).map((row) => [JSON.stringify([row.task, row.name]), row]),
  );
  return { rows: [...rows.values()], token: byName?.token || byTask?.token || "", readAt };
}

function list(
  { project, domain }: Scope,
  request: NonNullable<Parameters<typeof triggers.listTriggers>[0]["request"]>,
  signal: AbortSignal,
) {
  const scopeBy = { case: "projectId" as const, value: { name: project, domain } };
  return triggers.listTriggers({ scopeBy, request }, { signal });
}

function contains(field: string, text: string) {
  return { function: Filter_Function.CONTAINS_CASE_INSENSITIVE, field, values: [text] };
}

function toRows(found: readonly Trigger[], scope: Scope): readonly TriggerRow[] {
  return found.map((trigger) =>
    toTriggerRow(trigger, trigger.active, { ...scope, task: "", name: "" }),
  );
}
