import { create, toBinary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import {
  type CreateRunRequest,
  type CreateRunResponse,
  CreateRunResponseSchema,
  RunSpecSchema,
} from "../../idl/runs.ts";
import { FlyteError } from "../../shared/errors.ts";
import { isRunName } from "../../values/identifiers.ts";
import { fromPhase } from "../../values/phases.ts";
import { callerKey } from "../auth/caller.ts";
import { toBlobSegment } from "../blobs/blob-path.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import { type ActionKey, findAction, insertAction, rootAction } from "../store/actions.ts";
import { insertTaskSpec } from "../store/tasks.ts";
import { toRun } from "./action-messages.ts";
import type { RunServiceOptions } from "./find-run.ts";
import { placeInputs } from "./place-inputs.ts";
import { createRunName } from "./run-name.ts";
import { resolveRunTask } from "./run-task.ts";
import { required, requiredText, requireProject } from "./scope.ts";

export interface CreateRunOptions extends RunServiceOptions {
  readonly blobs: BlobStore;
}

/**
 * `RunService.CreateRun`. The run is on disk when it is answered. A name that exists answers with the
 * run that has it, whose inputs stay as they are.
 *
 * @throws FlyteError `permission_denied` without the right to run in the run's scope or the task's
 */
export async function createRun(
  request: CreateRunRequest,
  context: HandlerContext,
  options: CreateRunOptions,
): Promise<CreateRunResponse> {
  const { database, authorizer, engine, blobs } = options;
  const key = readKey(request);
  const caller = authorizer.require(context.values.get(callerKey), "run", key);
  requireProject(database, key.project);
  const existing = findAction(database, key);
  if (existing !== undefined) {
    return create(CreateRunResponseSchema, { run: toRun(database, existing) });
  }
  const task = resolveRunTask(request, key, caller, options);
  const segments = [key.project, key.domain, key.run].map(toBlobSegment);
  const runBase = [blobs.root, "runs", ...segments].join("/");
  const inputsUri = await placeInputs(request, { task, runBase, caller, authorizer, blobs });
  const { row, created } = await database.write(() => {
    insertTaskSpec(database, task.digest, task.bytes);
    return insertAction(database, {
      ...key,
      parent: null,
      phase: fromPhase("queued"),
      task_project: task.id.project,
      task_domain: task.id.domain,
      task_name: task.id.name,
      task_version: task.id.version,
      task_type: task.spec.taskTemplate?.type ?? "",
      environment: task.spec.environment?.name ?? "",
      function_name: task.functionName,
      spec_digest: task.digest,
      run_spec: toBinary(RunSpecSchema, request.runSpec ?? create(RunSpecSchema)),
      inputs_uri: inputsUri,
      run_base: runBase,
      source: request.source,
      owner: caller.subject,
      created_at: Date.now(),
    });
  });
  if (created) engine.submit(row);
  return create(CreateRunResponseSchema, { run: toRun(database, row) });
}

function readKey({ id }: CreateRunRequest): ActionKey {
  if (id.case === "runId") {
    const { project, domain, name } = id.value;
    if (!isRunName(name)) {
      throw new FlyteError(
        "invalid_input",
        `run name ${JSON.stringify(name.slice(0, 80))} must have 1 to 30 characters: a lower-case letter, then letters, digits and dashes, not a dash at the end`,
      );
    }
    return {
      project: requiredText(project, "run_id.project", 63),
      domain: requiredText(domain, "run_id.domain", 63),
      run: name,
      name: rootAction,
    };
  }
  const projectId = required(id.value, "run_id or project_id");
  return {
    project: requiredText(projectId.name, "project_id.name", 63),
    domain: requiredText(projectId.domain, "project_id.domain", 63),
    run: createRunName(),
    name: rootAction,
  };
}
