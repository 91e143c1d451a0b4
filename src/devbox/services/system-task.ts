import { clone, equals } from "@bufbuild/protobuf";
import { type Container, ContainerSchema, type TaskSpec } from "../../idl/tasks.ts";
import { systemProject } from "../auth/system-project.ts";
import { readTaskSpec } from "../engine/read-task-spec.ts";
import type { Database } from "../store/database.ts";
import { findTask } from "../store/tasks.ts";
import type { TaskId } from "./deployed-task.ts";

/**
 * Whether a task is one of the control plane's own, for whoever may run tasks where the run is to be: deployed in the
 * project `system`, where only who may deploy there puts any. A specification that a caller sends counts when it
 * runs the same program; what it is given beside, such as secrets and resources, may differ.
 */
export function isSystemTask(database: Database, id: TaskId, spec: TaskSpec): boolean {
  if (id.project !== systemProject) return false;
  const row = findTask(database, id);
  const deployed = row === undefined ? undefined : readTaskSpec(database, row.spec_digest);
  const [ours, theirs] = [deployed, spec].map((one) => one?.taskTemplate?.target);
  if (ours?.case !== "container" || theirs?.case !== "container") return false;
  return equals(ContainerSchema, toProgram(ours.value), toProgram(theirs.value));
}

function toProgram(given: Container): Container {
  const container = clone(ContainerSchema, given);
  delete container.resources;
  return container;
}
