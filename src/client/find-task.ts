import { Filter_Function } from "../idl/identifiers.ts";
import { TaskService } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import type { CallContext } from "./call-context.ts";
import type { TaskRef } from "./control-plane.ts";
import { newestFirst } from "./list-pages.ts";
import { type Session, toIdentifier, toProjectId, toScope } from "./session.ts";
import type { ExactTask, TaskCache } from "./task-cache.ts";
import { type KnownTask, toKnownTask } from "./task-details.ts";

/**
 * Finds the details of a task: of the version named, else of the one deployed last. At once where they are kept.
 *
 * @throws FlyteError `not_found` when the task or the version does not exist
 */
export function findTask(
  session: Session,
  cache: TaskCache,
  ref: TaskRef,
  call: CallContext,
): KnownTask | Promise<KnownTask> {
  const scope = toScope(session, ref);
  const name = toIdentifier("task name", ref.name);
  const named = { org: session.options.org, ...scope, name };
  const version = ref.version ? toIdentifier("task version", ref.version) : undefined;
  const kept =
    version !== undefined && call.auth !== undefined
      ? cache.get({ ...named, version }, call.auth)
      : undefined;
  return kept ?? askForTask(session, cache, { ...named, version }, call);
}

async function askForTask(
  session: Session,
  cache: TaskCache,
  named: Omit<ExactTask, "version"> & { readonly version: string | undefined },
  call: CallContext,
): Promise<KnownTask> {
  const version = named.version ?? (await findLatestVersion(session, named, call));
  const task = { ...named, version };
  const given = session.channel.credential(call);
  const auth = given instanceof Promise ? await given : given;
  const kept = cache.get(task, auth);
  if (kept !== undefined) return kept;
  const known = await fetchTask(session, task, call);
  cache.set(task, auth, known);
  return known;
}

/** The version of a task that was deployed last. */
async function findLatestVersion(
  session: Session,
  task: Omit<ExactTask, "version">,
  call: CallContext,
): Promise<string> {
  const { tasks } = await session.channel.unary(
    TaskService.method.listTasks,
    {
      scopeBy: { case: "projectId", value: toProjectId(session, task) },
      request: {
        ...newestFirst(1),
        filters: [{ function: Filter_Function.EQUAL, field: "name", values: [task.name] }],
      },
    },
    call,
  );
  const version = tasks[0]?.taskId?.version;
  if (version !== undefined) return version;
  throw new FlyteError(
    "not_found",
    `No versions found for Task ${task.name} in project ${task.project}, domain ${task.domain}.`,
  );
}

async function fetchTask(session: Session, task: ExactTask, call: CallContext): Promise<KnownTask> {
  try {
    const { details } = await session.channel.unary(
      TaskService.method.getTaskDetails,
      { taskId: task },
      call,
    );
    return toKnownTask(details);
  } catch (cause) {
    if (!FlyteError.is(cause) || cause.code !== "not_found") throw cause;
    const { name, version, project, domain } = task;
    throw new FlyteError(
      "not_found",
      `Task ${name}, version ${version} not found in project ${project}, domain ${domain}.`,
      { cause },
    );
  }
}
