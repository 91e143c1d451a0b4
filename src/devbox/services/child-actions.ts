import { create, toBinary } from "@bufbuild/protobuf";
import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type ConditionAction,
  ConditionActionSchema,
  type EnqueuedAction,
} from "../../idl/actions.ts";
import { ActionType, CreateRunRequestSchema } from "../../idl/runs.ts";
import { FlyteError } from "../../shared/errors.ts";
import { fromPhase, isTerminal, toPhase } from "../../values/phases.ts";
import { parseBlobUri } from "../blobs/blob-path.ts";
import { conditionTypes } from "../engine/decide-signal.ts";
import { insertActionEvent } from "../store/action-events.ts";
import {
  type ActionKey,
  type ActionRow,
  insertAction,
  type NewAction,
  updateOpenAction,
} from "../store/actions.ts";
import { insertCondition } from "../store/conditions.ts";
import type { Database } from "../store/database.ts";
import { findUser } from "../store/identities.ts";
import { insertTaskSpec } from "../store/tasks.ts";
import type { EnqueueOptions } from "./enqueue-action.ts";
import { resolveRunTask } from "./run-task.ts";
import { required, requiredText } from "./scope.ts";

/** An action that has been found right and can be stored below a parent. */
export interface StoreChild {
  readonly type: ActionType;
  /** To be called in a transaction. */
  store(key: ActionKey, parent: ActionRow): ActionRow;
}

const maxNameLength = 255;
const maxTextLength = 10_000;

/** Reads what is to be started. @throws FlyteError `invalid_input`, `permission_denied`, `not_found` */
export function readChild(
  action: EnqueuedAction,
  parent: ActionRow,
  options: EnqueueOptions,
): StoreChild {
  const group = optionalText(action.group, "action.group", maxNameLength);
  switch (action.spec.case) {
    case "task":
      return readTask(action, { parent, group, ...options });
    case "condition":
      return readCondition(action.spec.value, group, options.database);
    case "trace":
      return readTrace(action, { parent, group, ...options });
    default:
      throw new FlyteError("invalid_input", "action must have a task, a trace or a condition");
  }
}

interface ChildOptions extends EnqueueOptions {
  readonly parent: ActionRow;
  readonly group: string;
}

/** A task runs as the owner of the run, who needs the right to run it. */
function readTask(action: EnqueuedAction, options: ChildOptions): StoreChild {
  const { database, authorizer, blobs, parent, group } = options;
  const given = action.spec.case === "task" ? action.spec.value : undefined;
  const { id, spec } = required(given, "action.task");
  const request = create(CreateRunRequestSchema, {
    task:
      spec === undefined
        ? { case: "taskId", value: required(id, "action.task.spec") }
        : { case: "taskSpec", value: spec },
  });
  const owner = authorizer.require(findUser(database, parent.owner), "run", parent);
  const task = resolveRunTask(request, parent, owner, { database, authorizer });
  requireInside(blobs.root, parent, action.inputUri, "action.input_uri");
  return {
    type: ActionType.TASK,
    store: (key, parentRow) => {
      if (task.newBytes !== undefined) insertTaskSpec(database, task.digest, task.newBytes);
      return insertAction(database, {
        ...inherited(key, parentRow),
        phase: fromPhase("queued"),
        type: ActionType.TASK,
        action_group: group,
        task_project: task.id.project,
        task_domain: task.id.domain,
        task_name: task.id.name,
        task_version: task.id.version,
        task_type: task.spec.taskTemplate?.type ?? "",
        environment: task.spec.environment?.name ?? "",
        function_name: task.functionName,
        spec_digest: task.digest,
        inputs_uri: action.inputUri,
      }).row;
    },
  };
}

function readCondition(spec: ConditionAction, group: string, database: Database): StoreChild {
  const name = requiredText(spec.name, "action.condition.name", maxNameLength);
  optionalText(spec.prompt, "action.condition.prompt", maxTextLength);
  optionalText(spec.description, "action.condition.description", maxTextLength);
  const type = spec.type?.type;
  if (type?.case !== "simple" || !conditionTypes.has(type.value)) {
    throw new FlyteError(
      "invalid_input",
      "action.condition.type must be BOOLEAN, INTEGER, FLOAT or STRING",
    );
  }
  const timeoutMs = spec.timeout === undefined ? 0 : durationMs(spec.timeout);
  return {
    type: ActionType.CONDITION,
    store: (key, parent) => {
      const phase = fromPhase("paused");
      const { row } = insertAction(database, {
        ...inherited(key, parent),
        phase,
        type: ActionType.CONDITION,
        action_group: group,
        task_type: "",
        function_name: name,
      });
      const deadline = Math.min(Math.ceil(row.created_at + timeoutMs), Number.MAX_SAFE_INTEGER);
      insertCondition(database, {
        action_id: row.id,
        spec: toBinary(ConditionActionSchema, spec),
        deadline: timeoutMs > 0 ? deadline : null,
      });
      insertActionEvent(database, row.id, { attempt: 1, phase, time: row.created_at });
      return row;
    },
  };
}

/** What a task has done by itself and tells afterwards. */
function readTrace(action: EnqueuedAction, options: ChildOptions): StoreChild {
  const { database, blobs, parent, group } = options;
  const given = action.spec.case === "trace" ? action.spec.value : undefined;
  const trace = required(given, "action.trace");
  const name = requiredText(trace.name, "action.trace.name", maxNameLength);
  const phase = toPhase(trace.phase);
  if (phase === undefined || !isTerminal(phase)) {
    throw new FlyteError("invalid_input", "action.trace.phase must be the phase it has ended in");
  }
  const outputsUri = trace.outputs?.outputUri ?? "";
  if (outputsUri !== "") requireInside(blobs.root, parent, outputsUri, "action.trace.outputs");
  if (action.inputUri !== "")
    requireInside(blobs.root, parent, action.inputUri, "action.input_uri");
  return {
    type: ActionType.TRACE,
    store: (key, parentRow) => {
      const now = Date.now();
      const created_at = trace.startTime === undefined ? now : timestampMs(trace.startTime);
      const ended_at = trace.endTime === undefined ? now : timestampMs(trace.endTime);
      const { row } = insertAction(database, {
        ...inherited(key, parentRow),
        phase: fromPhase("running"),
        type: ActionType.TRACE,
        action_group: group,
        task_type: "",
        function_name: name,
        ...(action.inputUri === "" ? {} : { inputs_uri: action.inputUri }),
        created_at,
      });
      updateOpenAction(database, row.id, { phase: trace.phase, ended_at }, now);
      insertActionEvent(database, row.id, {
        attempt: 1,
        phase: trace.phase,
        time: ended_at,
        ...(outputsUri === "" ? {} : { outputsUri }),
      });
      return row;
    },
  };
}

/** What an action has from its parent; one that is no task belongs to the task that started it. */
function inherited(key: ActionKey, parent: ActionRow): Omit<NewAction, "phase" | "type"> {
  const { task_project, task_domain, task_name, task_version, environment, spec_digest } = parent;
  const { run_spec, run_base, source, owner, task_type, function_name } = parent;
  return {
    ...key,
    parent: parent.name,
    ...{ task_project, task_domain, task_name, task_version, task_type, environment },
    ...{ function_name, spec_digest, run_spec, run_base, source, owner },
    inputs_uri: `${run_base}/${key.name}/inputs.pb`,
    created_at: Date.now(),
  };
}

/** Files of an action are in its run's folder: another run's are not read in its name. */
function requireInside(root: string, { run_base }: ActionRow, uri: string, name: string): void {
  parseBlobUri(root, uri);
  if (uri.startsWith(`${run_base}/`)) return;
  throw new FlyteError("invalid_input", `${name} must be below ${run_base}/`);
}

function optionalText(text: string, name: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  throw new FlyteError("invalid_input", `${name} must have at most ${maxLength} characters`);
}
