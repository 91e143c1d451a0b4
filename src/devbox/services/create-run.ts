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
import { type Caller, callerKey } from "../auth/caller.ts";
import { isBlobSegment } from "../blobs/blob-path.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import {
  type ActionKey,
  type ActionRow,
  findAction,
  insertAction,
  rootAction,
} from "../store/actions.ts";
import { insertTaskSpec } from "../store/tasks.ts";
import { noteFiredOnDemand } from "../store/triggers.ts";
import { toRun } from "./action-messages.ts";
import type { RunServiceOptions } from "./find-run.ts";
import { placeInputs } from "./place-inputs.ts";
import { createRunName } from "./run-name.ts";
import { resolveRunTask } from "./run-task.ts";
import { resolveRunTrigger } from "./run-trigger.ts";
import { required, requiredText, requireProject } from "./scope.ts";
import type { Turns } from "./turns.ts";

export interface CreateRunOptions extends RunServiceOptions {
  readonly blobs: BlobStore;
  /** Creators of the same run take turns, so that the second finds what the first has stored. */
  readonly inTurn: Turns;
  /** Called in the write that stores a new run; what it throws keeps the run from being stored. */
  readonly onStore?: () => void;
  /** When the trigger of the run was due. @default it was started on demand */
  readonly dueAt?: number;
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
  const row = await startRun(request, context.values.get(callerKey), options);
  return create(CreateRunResponseSchema, { run: toRun(options.database, row) });
}

/** Stores and queues a run for a caller, or finds the one that has its name. */
export async function startRun(
  request: CreateRunRequest,
  by: Caller | undefined,
  options: CreateRunOptions,
): Promise<ActionRow> {
  const { database, authorizer } = options;
  const key = readKey(request);
  const caller = authorizer.require(by, "run", key);
  requireProject(database, key.project);
  const name = `${key.project}/${key.domain}/${key.run}`;
  return options.inTurn(name, async () => {
    return findAction(database, key) ?? (await createNew(request, { ...options, key, caller }));
  });
}

interface NewRunOptions extends CreateRunOptions {
  readonly key: ActionKey;
  readonly caller: Caller;
}

async function createNew(given: CreateRunRequest, options: NewRunOptions): Promise<ActionRow> {
  const { database, authorizer, engine, blobs, key, caller } = options;
  const { request, trigger } = resolveRunTrigger(given, caller, options);
  const task = resolveRunTask(request, key, caller, options);
  const runBase = [blobs.root, "runs", key.project, key.domain, key.run].join("/");
  const inputsUri = await placeInputs(request, { task, runBase, caller, authorizer, blobs });
  const now = Date.now();
  const { row, created } = await database.write(() => {
    if (options.onStore !== undefined) options.onStore();
    else if (trigger !== undefined) noteFiredOnDemand(database, trigger.id, now);
    if (task.newBytes !== undefined) insertTaskSpec(database, task.digest, task.newBytes);
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
      ...(trigger !== undefined && {
        trigger_id: trigger.id,
        trigger_revision: trigger.revision,
      }),
      ...(options.dueAt !== undefined && { due_at: options.dueAt }),
      created_at: now,
    });
  });
  if (created) engine.submit(row);
  return row;
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
      project: readSegment(project, "run_id.project"),
      domain: readSegment(domain, "run_id.domain"),
      run: name,
      name: rootAction,
    };
  }
  const projectId = required(id.value, "run_id or project_id");
  return {
    project: readSegment(projectId.name, "project_id.name"),
    domain: readSegment(projectId.domain, "project_id.domain"),
    run: createRunName(),
    name: rootAction,
  };
}

/** A name that is also a folder of the store, so that no two scopes share one. */
function readSegment(text: string, name: string): string {
  const given = requiredText(text, name, 63);
  if (isBlobSegment(given)) return given;
  throw new FlyteError(
    "invalid_input",
    `${name} must be made of letters, digits and . _ - @ + = , ~ and be neither "." nor ".."`,
  );
}
