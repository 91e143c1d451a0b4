import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { SimpleType } from "../idl/literals.ts";
import { type Inputs, InputsSchema } from "../idl/tasks.ts";
import {
  FixedRateUnit,
  type Schedule,
  ScheduleSchema,
  TriggerAutomationSpecType,
  type TriggerDetails,
  TriggerService,
  type TriggerSpec,
  TriggerSpecSchema,
} from "../idl/triggers.ts";
import { FlyteError } from "../shared/errors.ts";
import { readSchedule } from "../values/schedule.ts";
import { toInputs } from "../values/task-inputs.ts";
import { timeInputKey } from "../values/trigger-inputs.ts";
import type { CallContext } from "./call-context.ts";
import { findTask } from "./find-task.ts";
import { toTriggerName } from "./read-trigger.ts";
import { type Session, toScope } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";
import { type KnownTask, toTaskInterface } from "./task-details.ts";
import type { TriggerDeployment, TriggerSchedule } from "./trigger-calls.ts";
import type { AskedTrigger } from "./trigger-status.ts";
import { placeTriggerInputs } from "./upload-trigger-inputs.ts";

const maxDescription = 255;

export interface DeployTriggerParts {
  readonly asked: AskedTrigger;
  readonly wanted: TriggerDeployment;
  readonly call: CallContext;
}

/** Finds the task, checks schedule and inputs, and creates or replaces the trigger. */
export async function deployTrigger(
  session: Session,
  cache: TaskCache,
  { asked, wanted, call }: DeployTriggerParts,
): Promise<TriggerDetails | undefined> {
  const schedule = toSchedule(wanted);
  const scope = toScope(session, asked);
  const { taskVersion: version } = wanted;
  const ref = { ...scope, name: asked.task, ...(version !== undefined && { version }) };
  const known = await findTask(session, cache, ref, call);
  const inputs = toTriggerInputs(known, wanted);
  const task = { case: "taskId" as const, value: known.id };
  const spec = await placeTriggerInputs(
    session,
    toSpec(wanted, known.id.version),
    { scope, task, inputs },
    call,
  );
  const { trigger } = await session.channel.unary(
    TriggerService.method.deployTrigger,
    {
      name: toTriggerName(session, asked),
      revision: BigInt(wanted.revision ?? 0),
      spec,
      automationSpec: {
        type: TriggerAutomationSpecType.TYPE_SCHEDULE,
        automation: { case: "schedule", value: schedule },
      },
    },
    call,
    // Sent again it makes another revision, or is refused where one was named.
    "once",
  );
  return trigger;
}

/** @throws FlyteError `invalid_input` for what is no schedule */
function toSchedule({ schedule: given, timeInput = "" }: TriggerDeployment): Schedule {
  const schedule = create(ScheduleSchema, {
    kickoffTimeInputArg: timeInput,
    expression: toExpression(given),
  });
  try {
    readSchedule(schedule);
  } catch (error) {
    if (!FlyteError.is(error)) throw error;
    throw new FlyteError("invalid_input", `The schedule is not valid: ${error.message}`);
  }
  return schedule;
}

function toExpression(
  given: TriggerSchedule,
): NonNullable<MessageInitShape<typeof ScheduleSchema>["expression"]> {
  if ("cron" in given) {
    const { cron: expression, timezone = "UTC" } = given;
    return { case: "cron", value: { expression, timezone } };
  }
  const { everyMinutes: value, startTime } = given;
  if (!Number.isInteger(value) || value < 1 || value > 0xffff_ffff) {
    throw new FlyteError(
      "invalid_input",
      `everyMinutes is ${value}; give a whole number from 1, or a cron expression such as "@every 90s".`,
    );
  }
  const start = startTime && { startTime: timestampFromDate(startTime) };
  return { case: "rate", value: { value, unit: FixedRateUnit.MINUTE, ...start } };
}

/** The inputs but for that of the fire time, which comes with each fire. */
function toTriggerInputs(
  known: KnownTask,
  { inputs: given = {}, timeInput }: TriggerDeployment,
): Inputs {
  const taken = toTaskInterface(known);
  if (timeInput === undefined) return toInputs(taken, given);
  const variables = taken.interface?.inputs?.variables ?? [];
  const type = variables.find(({ key }) => key === timeInput)?.value?.type?.type;
  if (type?.case !== "simple" || type.value !== SimpleType.DATETIME) {
    throw new FlyteError(
      "invalid_input",
      `timeInput ${JSON.stringify(timeInput)} is no input of the task that takes a time.`,
    );
  }
  if (Object.hasOwn(given, timeInput)) {
    throw new FlyteError(
      "invalid_input",
      `Input ${JSON.stringify(timeInput)} gets the time of the fire; leave it out of inputs.`,
    );
  }
  const { literals } = toInputs(taken, { ...given, [timeInput]: new Date(0).toISOString() });
  return create(InputsSchema, {
    literals: literals.filter(({ name }) => name !== timeInput),
    context: [{ key: timeInputKey, value: timeInput }],
  });
}

function toSpec(wanted: TriggerDeployment, taskVersion: string): TriggerSpec {
  const { description = "", active = true, overwriteCache = false, queue = "" } = wanted;
  const { env = {}, labels, annotations, interruptible } = wanted;
  return create(TriggerSpecSchema, {
    taskVersion,
    active,
    description: [...description].slice(0, maxDescription).join(""),
    runSpec: {
      overwriteCache,
      cluster: queue,
      labels: { values: { ...labels } },
      annotations: { values: { ...annotations } },
      envs: { values: Object.entries(env).map(([key, value]) => ({ key, value })) },
      ...(interruptible !== undefined && { interruptible }),
    },
  });
}
