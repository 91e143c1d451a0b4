import type { CallOptions, Scope } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { inTurns } from "../../shared/in-turns.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { createOpenApi, operationOf } from "./create-openapi.ts";
import { pointerTo, rebaseReferences } from "./rebase-references.ts";

/** A task with its full name. */
export type FullTaskName = Scope & { readonly name: string };

/** How many tasks are read at a time for one document. */
const readsAtATime = 8;

type Operations = Readonly<Record<string, unknown>>;
interface Unavailable {
  readonly task: string;
  readonly code: string;
}
type Reading = { readonly paths: Operations } | { readonly unavailable: Unavailable };

/** The tasks that an allowlist names with domain and project, each once. */
export function tasksNamedInFull(allowlist: readonly string[] = []): readonly FullTaskName[] {
  return [...new Set(allowlist)].flatMap((entry) => {
    const [domain, project, name] = entry.split("/");
    return domain === undefined || project === undefined || name === undefined
      ? []
      : [{ domain, project, name }];
  });
}

/** An id for each task: its full name as one word, numbered where two would have the same. */
function operationIds(tasks: readonly FullTaskName[]): readonly string[] {
  const taken = new Map<string, number>();
  return tasks.map(({ domain, project, name }) => {
    const word = `run_${domain}_${project}_${name}`.replaceAll(/[^A-Za-z0-9_]/g, "_");
    const count = (taken.get(word) ?? 0) + 1;
    taken.set(word, count);
    return count === 1 ? word : `${word}__${count}`;
  });
}

function typedPath(
  { endpoints, compat }: ResolvedOptions,
  task: FullTaskName,
  operationId: string,
  schema: JsonObject,
): Operations {
  const runTask = endpoints.find(({ name }) => name === "run_task");
  if (runTask === undefined) return {};
  const segments = [task.domain, task.project, task.name];
  const path = `/run-task/${segments.map(encodeURIComponent).join("/")}`;
  const content = ["requestBody", "content", "application/json", "schema"];
  const place = pointerTo("paths", path, "post", ...content);
  const operation = {
    ...operationOf({ ...runTask, path }, compat),
    operationId,
    summary: `Start a run of ${segments.join("/")}`,
    requestBody: {
      required: true,
      content: { "application/json": { schema: rebaseReferences(schema, place) } },
    },
  };
  return { [path]: { post: operation } };
}

/**
 * The OpenAPI document with an operation for each task that the allowlist names in full, its body
 * described by the interface of the version deployed last. Tasks are read with the caller's
 * credential; those that cannot be read are left out and listed in `x-flyte-unavailable-tasks`.
 * Nothing of it is kept.
 */
export async function createTypedOpenApi(
  options: ResolvedOptions,
  reading: CallOptions,
): Promise<Operations> {
  const served = options.endpoints.some(({ name }) => name === "run_task");
  const tasks = served ? (options.typedTasks ?? []) : [];
  const ids = operationIds(tasks);
  const readings = await inTurns(tasks, readsAtATime, async (task, index): Promise<Reading> => {
    try {
      const { inputSchema } = await options.controlPlane.tasks.get(task, reading);
      return { paths: typedPath(options, task, ids[index] ?? "", inputSchema) };
    } catch (error) {
      if (!FlyteError.is(error)) throw error;
      const { domain, project, name } = task;
      return { unavailable: { task: `${domain}/${project}/${name}`, code: error.code } };
    }
  });
  const found = readings.flatMap((one) => ("paths" in one ? [one.paths] : []));
  const unavailable = readings.flatMap((one) => ("unavailable" in one ? [one.unavailable] : []));
  return {
    ...createOpenApi(options, Object.assign({}, ...found)),
    "x-flyte-unavailable-tasks": unavailable,
  };
}
