import { create, fromBinary } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LiteralSchema } from "../../idl/literals.ts";
import { type CreateRunRequest, CreateRunRequestSchema } from "../../idl/runs.ts";
import { type Inputs, InputsSchema, TaskIdentifierSchema } from "../../idl/tasks.ts";
import {
  TriggerAutomationSpecSchema,
  type TriggerName,
  TriggerSpecSchema,
} from "../../idl/triggers.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { Authorizer, Caller } from "../auth/caller.ts";
import type { Database } from "../store/database.ts";
import { findTrigger, type TriggerRow } from "../store/triggers.ts";
import type { TaskId } from "./deployed-task.ts";
import { readTriggerName } from "./trigger-names.ts";

export interface RunTrigger {
  /** The request, with the trigger's task, inputs and settings in place of its name. */
  readonly request: CreateRunRequest;
  /** The trigger that starts the run; undefined when the request names none. */
  readonly trigger: TriggerRow | undefined;
}

/**
 * What a trigger says about a run that names it: which version of its task, and, where the request says
 * nothing of them, the inputs and the run specification.
 *
 * @throws FlyteError `not_found` for a trigger that does not exist
 * @throws ConnectError `permission_denied` without the right to run in the trigger's scope
 */
export function resolveRunTrigger(
  given: CreateRunRequest,
  caller: Caller,
  { database, authorizer }: { readonly database: Database; readonly authorizer: Authorizer },
): RunTrigger {
  if (given.task.case !== "triggerName") return { request: given, trigger: undefined };
  authorizer.require(caller, "run", readTriggerName(given.task.value));
  const trigger = requireTrigger(database, given.task.value);
  const spec = fromBinary(TriggerSpecSchema, trigger.spec);
  const runSpec = given.runSpec ?? spec.runSpec;
  const request = create(CreateRunRequestSchema, {
    ...given,
    task: {
      case: "taskId",
      value: create(TaskIdentifierSchema, taskOfTrigger(trigger)),
    },
    ...(runSpec !== undefined && { runSpec }),
    inputWrapper:
      given.inputWrapper.case === undefined
        ? { case: "inputs", value: inputsOfTrigger(trigger, Date.now()) }
        : given.inputWrapper,
  });
  return { request, trigger };
}

/** The version of a task that a trigger starts. */
export function taskOfTrigger(trigger: TriggerRow): TaskId {
  const { project, domain, task_name: name, task_version: version } = trigger;
  return { project, domain, name, version };
}

/** The inputs a trigger gives to a run that it starts at an instant. */
export function inputsOfTrigger(
  trigger: Pick<TriggerRow, "spec" | "automation">,
  at: number,
): Inputs {
  const { inputs } = fromBinary(TriggerSpecSchema, trigger.spec);
  const { automation } = fromBinary(TriggerAutomationSpecSchema, trigger.automation);
  const timeInput = automation.case === "schedule" ? automation.value.kickoffTimeInputArg : "";
  const others = (inputs?.literals ?? []).filter(({ name }) => name !== timeInput);
  const time = create(LiteralSchema, {
    value: {
      case: "scalar",
      value: {
        value: {
          case: "primitive",
          value: { value: { case: "datetime", value: timestampFromMs(at) } },
        },
      },
    },
  });
  return create(InputsSchema, {
    context: inputs?.context ?? [],
    literals: timeInput === "" ? others : [...others, { name: timeInput, value: time }],
  });
}

/** @throws FlyteError `not_found` for one that does not exist or is deleted */
export function requireTrigger(database: Database, given: TriggerName | undefined): TriggerRow {
  const key = readTriggerName(given);
  const row = findTrigger(database, key);
  if (row !== undefined && row.deleted_at === null) return row;
  const { project, domain, task_name, name } = key;
  throw new FlyteError(
    "not_found",
    `trigger ${JSON.stringify(name)} of task ${JSON.stringify(task_name)} not found in ${project}/${domain}`,
  );
}
