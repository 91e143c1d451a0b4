import { create } from "@bufbuild/protobuf";
import {
  type TaskDetails,
  type TaskIdentifier,
  TaskIdentifierSchema,
} from "../../../src/idl/tasks.ts";
import { FlyteError } from "../../../src/shared/errors.ts";
import type { Scope } from "../scope.ts";
import { tasks } from "./clients.ts";

/** @throws FlyteError `not_found` when there is no version */
export async function latestVersion(
  scope: Scope,
  task: string,
  signal: AbortSignal,
): Promise<string> {
  const taskName = { ...scope, name: task };
  const { versions } = await tasks.listVersions({ taskName, request: { limit: 1 } }, { signal });
  const [newest] = versions;
  if (newest !== undefined) return newest.version;
  throw new FlyteError(
    "not_found",
    `There is no task ${task} in project ${scope.project}, domain ${scope.domain}.`,
  );
}

/** A version of a task. @throws ConnectError `not_found` when there is no such version */
export async function readTaskDetails(
  scope: Scope,
  { name, version }: Pick<TaskIdentifier, "name" | "version">,
  signal: AbortSignal,
): Promise<{ readonly id: TaskIdentifier; readonly details: TaskDetails }> {
  const id = create(TaskIdentifierSchema, { ...scope, name, version });
  const { details } = await tasks.getTaskDetails({ taskId: id }, { signal });
  if (details !== undefined) return { id, details };
  throw new FlyteError("internal", "The devbox told nothing of the task.");
}
