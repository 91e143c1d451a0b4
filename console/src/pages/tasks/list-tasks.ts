import { Filter_Function, Sort_Direction } from "../../../../src/idl/identifiers.ts";
import type { Task } from "../../../../src/idl/tasks.ts";
import { tasks } from "../../control-plane/clients.ts";
import type { Scope } from "../../scope.ts";

/** Which tasks, and in which order. */
export interface TasksAsked {
  readonly scope: Scope;
  /** A part of the name; empty for all. */
  readonly search: string;
  readonly order: TaskOrder;
}

/** By name, or by what was deployed last. */
export type TaskOrder = "name" | "deployed";

export interface TaskPage {
  readonly tasks: readonly Task[];
  /** Asks for the next page; empty after the last one. */
  readonly token: string;
  /** How many the search finds, and how many there are. */
  readonly found: number;
  readonly total: number;
}

const pageSize = 50;

const orders = {
  name: { key: "name", direction: Sort_Direction.ASCENDING },
  deployed: { key: "created_at", direction: Sort_Direction.DESCENDING },
} as const;

/** A page of the tasks of a project and domain, each in its latest version. */
export async function listTasks(
  { scope, search, order }: TasksAsked,
  token: string,
  signal?: AbortSignal,
): Promise<TaskPage> {
  const nameHas = {
    field: "name",
    function: Filter_Function.CONTAINS_CASE_INSENSITIVE,
    values: [search],
  };
  const answer = await tasks.listTasks(
    {
      scopeBy: { case: "projectId", value: { name: scope.project, domain: scope.domain } },
      request: {
        limit: pageSize,
        token,
        sortBy: orders[order],
        filters: search === "" ? [] : [nameHas],
      },
    },
    signal && { signal },
  );
  return {
    tasks: answer.tasks,
    token: answer.token,
    found: answer.metadata?.filteredTotal ?? answer.tasks.length,
    total: answer.metadata?.total ?? answer.tasks.length,
  };
}
