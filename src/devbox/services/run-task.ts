import { createHash } from "node:crypto";
import type { CreateRunRequest } from "../../idl/runs.ts";
import { type TaskSpec, TaskSpecSchema } from "../../idl/tasks.ts";
import type { Authorizer, Caller } from "../auth/caller.ts";
import { systemProject } from "../auth/system-project.ts";
import type { Database } from "../store/database.ts";
import type { Scope } from "../store/tasks.ts";
import { readTaskId, requireTask, type TaskId } from "./deployed-task.ts";
import { toDeterministicBytes } from "./deterministic-bytes.ts";
import { required } from "./scope.ts";
import { isSystemTask } from "./system-task.ts";

/** The task that a run is to execute. */
export interface RunTask {
  readonly id: TaskId;
  readonly spec: TaskSpec;
  /** What is to be stored under the digest; undefined when it is there. */
  readonly newBytes: Uint8Array | undefined;
  readonly digest: string;
  readonly functionName: string;
}

/**
 * The task of a CreateRun request: a registered version, or a specification sent along. The caller
 * needs the right to run in the task's own scope too, or a task of `production` could be run from any
 * other domain. Tasks of the control plane itself are for everybody who may run something.
 *
 * @throws FlyteError `not_found`, `permission_denied`, `invalid_input`
 */
export function resolveRunTask(
  { task }: CreateRunRequest,
  scope: Scope,
  caller: Caller,
  { database, authorizer }: { readonly database: Database; readonly authorizer: Authorizer },
): RunTask {
  if (task.case === "taskSpec") {
    const resolved = fromSpec(task.value, scope);
    if (!isSystemTask(database, resolved.id, resolved.spec)) {
      authorizer.require(caller, "run", resolved.id);
    }
    return resolved;
  }
  const id = readTaskId(
    required(task.case === "taskId" ? task.value : undefined, "task_id, task_spec or trigger_name"),
  );
  if (id.project !== systemProject) authorizer.require(caller, "run", id);
  const { row, spec } = requireTask(database, id);
  return {
    id,
    spec,
    newBytes: undefined,
    digest: row.spec_digest,
    functionName: row.function_name,
  };
}

/** What the specification leaves out of the task's id is taken from the run. */
function fromSpec(spec: TaskSpec, scope: Scope): RunTask {
  const template = required(spec.taskTemplate, "task_spec.task_template");
  const { project = "", domain = "", name = "", version = "" } = template.id ?? {};
  const bytes = toDeterministicBytes(TaskSpecSchema, spec);
  return {
    id: { project: project || scope.project, domain: domain || scope.domain, name, version },
    spec,
    newBytes: bytes,
    digest: createHash("sha256").update(bytes).digest("hex"),
    functionName: spec.shortName || name.slice(name.lastIndexOf(".") + 1),
  };
}
