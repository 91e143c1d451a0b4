import { createHash } from "node:crypto";
import { clone } from "@bufbuild/protobuf";
import {
  type DeployTaskRequest,
  type TaskIdentifier,
  type TaskSpec,
  TaskSpecSchema,
} from "../../idl/tasks.ts";
import { FlyteError } from "../../shared/errors.ts";
import { readTaskSpec } from "../engine/read-task-spec.ts";
import type { Database } from "../store/database.ts";
import { findTask, type TaskRow } from "../store/tasks.ts";
import type { WantedTrigger } from "./change-trigger.ts";
import { toDeterministicBytes } from "./deterministic-bytes.ts";
import { toTaskTriggers } from "./replace-triggers.ts";
import { required, requiredText } from "./scope.ts";

/** A task's identity without the organisation, which is not kept. */
export type TaskId = Pick<TaskRow, "project" | "domain" | "name" | "version">;

/** A task as it goes into the state. */
export interface DeployedTask {
  readonly id: TaskId;
  readonly row: Omit<TaskRow, "deployed_by" | "created_at" | "updated_at">;
  /** The bytes of the `flyteidl2.task.TaskSpec`. */
  readonly spec: Uint8Array;
  readonly triggers: readonly WantedTrigger[];
}

/** The identity, each part there and not too long. @throws FlyteError `invalid_input` */
export function readTaskId(taskId: TaskIdentifier | undefined): TaskId {
  const { project, domain, name, version } = required(taskId, "task_id");
  return {
    project: requiredText(project, "task_id.project", 63),
    domain: requiredText(domain, "task_id.domain", 63),
    name: requiredText(name, "task_id.name", 255),
    version: requiredText(version, "task_id.version", 63),
  };
}

/** One version as it is stored. @throws FlyteError `not_found` */
export function requireTask(
  database: Database,
  id: TaskId,
): { readonly row: TaskRow; readonly spec: TaskSpec } {
  const row = findTask(database, id);
  const spec = row === undefined ? undefined : readTaskSpec(database, row.spec_digest);
  if (row !== undefined && spec !== undefined) return { row, spec };
  const name = `${id.project}/${id.domain}/${id.name}@${id.version}`;
  throw new FlyteError("not_found", `task ${JSON.stringify(name)} not found`);
}

/**
 * Checks what a DeployTask request holds and cuts its descriptions to the lengths that a control
 * plane keeps: 255 characters, 2048 for the long one.
 *
 * @throws FlyteError `invalid_input` without an id or template, and for triggers that cannot be
 */
export function toDeployedTask(request: DeployTaskRequest): DeployedTask {
  const id = readTaskId(request.taskId);
  const given = required(request.spec, "spec");
  required(given.taskTemplate, "spec.task_template");
  const spec = cutDescriptions(given);
  const bytes = toDeterministicBytes(TaskSpecSchema, spec);
  const environment = spec.environment?.name ?? "";
  return {
    id,
    spec: bytes,
    triggers: toTaskTriggers(request.triggers, id, spec),
    row: {
      ...id,
      environment,
      function_name: toFunctionName(id.name, environment),
      env_description: spec.environment?.description ?? "",
      short_description: spec.documentation?.shortDescription ?? "",
      spec_digest: createHash("sha256").update(bytes).digest("hex"),
    },
  };
}

function cutDescriptions(given: TaskSpec): TaskSpec {
  const spec = clone(TaskSpecSchema, given);
  if (spec.environment !== undefined) {
    spec.environment.description = cut(spec.environment.description, 255);
  }
  if (spec.documentation !== undefined) {
    spec.documentation.shortDescription = cut(spec.documentation.shortDescription, 255);
    spec.documentation.longDescription = cut(spec.documentation.longDescription, 2048);
  }
  return spec;
}

/** Never cuts a character in halves. */
function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : [...text].slice(0, maxLength).join("");
}

/** A task is named `environment.function`; without the environment, the last dotted part counts. */
function toFunctionName(name: string, environment: string): string {
  const prefix = `${environment}.`;
  if (environment !== "" && name.startsWith(prefix)) return name.slice(prefix.length);
  return name.slice(name.lastIndexOf(".") + 1);
}
