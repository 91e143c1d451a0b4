import { clone, create } from "@bufbuild/protobuf";
import { type Inputs, InputsSchema, TaskService, type TaskSpec } from "../idl/tasks.ts";
import { type TaskTrigger, TaskTriggerSpecSchema } from "../idl/triggers.ts";
import { timeInputKey } from "../values/trigger-inputs.ts";
import { type CallContext, startCall } from "./call-context.ts";
import type { CallOptions, ControlPlane } from "./control-plane.ts";
import type { Session } from "./session.ts";
import { sessionOf } from "./session-of.ts";
import { placeTriggerInputs } from "./upload-trigger-inputs.ts";

export interface TaskDeployment {
  readonly spec: TaskSpec;
  /** They take the place of those it has; without any, those stay. @default [] */
  readonly triggers?: readonly TaskTrigger[];
}

/**
 * Registers one version of a task (`TaskService.DeployTask`). The same version deployed again
 * replaces its specification, so the call may be repeated.
 *
 * @throws FlyteError `not_found` when the project does not exist
 */
export async function deployTask(
  controlPlane: ControlPlane,
  { spec, triggers = [] }: TaskDeployment,
  options?: CallOptions,
): Promise<void> {
  const session = sessionOf(controlPlane);
  const { channel, options: settings } = session;
  const { project = "", domain = "", name = "", version = "" } = spec.taskTemplate?.id ?? {};
  const taskId = { org: settings.org, project, domain, name, version };
  const call = startCall(options, settings.timeoutMs);
  const placed: TaskTrigger[] = [];
  for (const trigger of triggers) placed.push(await withInputs(session, trigger, spec, call));
  await channel.unary(TaskService.method.deployTask, { taskId, spec, triggers: placed }, call);
}

/** The trigger with all that the task takes, put to where control planes look for it. */
async function withInputs(
  session: Session,
  trigger: TaskTrigger,
  task: TaskSpec,
  call: CallContext,
): Promise<TaskTrigger> {
  const { project = "", domain = "" } = task.taskTemplate?.id ?? {};
  const spec = clone(TaskTriggerSpecSchema, trigger.spec ?? create(TaskTriggerSpecSchema));
  const inputs = toCompleteInputs(trigger, task);
  const place = {
    scope: { project, domain },
    task: { case: "taskSpec" as const, value: task },
    inputs,
  };
  return { ...trigger, spec: await placeTriggerInputs(session, spec, place, call) };
}

/** Given inputs, and the task's defaults for others, but for the input of the fire time. */
function toCompleteInputs(
  { spec, automationSpec }: TaskTrigger,
  { defaultInputs }: TaskSpec,
): Inputs {
  const { literals = [], context = [] } = spec?.inputs ?? {};
  const automation = automationSpec?.automation;
  const timeInput = automation?.case === "schedule" ? automation.value.kickoffTimeInputArg : "";
  const given = new Set([timeInput, ...literals.map(({ name }) => name)]);
  const defaults = defaultInputs.flatMap(({ name, parameter }) =>
    parameter?.behavior.case === "default" && !given.has(name)
      ? [{ name, value: parameter.behavior.value }]
      : [],
  );
  const time = timeInput === "" ? [] : [{ key: timeInputKey, value: timeInput }];
  return create(InputsSchema, {
    literals: [...literals, ...defaults],
    context: [...context.filter(({ key }) => key !== timeInputKey), ...time],
  });
}
