import type { ControlPlane } from "../../client/control-plane.ts";
import type { TriggerRef, TriggerSchedule } from "../../client/trigger-calls.ts";
import { FlyteError } from "../../shared/errors.ts";
import { parseTaskName } from "../../values/identifiers.ts";
import { connect } from "../connection.ts";
import { parsePairs, readInputs, toInputsObject } from "../inputs.ts";
import type { ConnectionOptions } from "../options.ts";
import { showTrigger } from "./trigger.ts";

interface CreateTriggerOptions extends ConnectionOptions {
  readonly schedule?: string;
  readonly timezone?: string;
  /** Milliseconds. */
  readonly every?: number;
  readonly start?: string;
  readonly timeInput?: string;
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly env?: readonly string[];
  readonly label?: readonly string[];
  readonly description?: string;
  readonly inactive?: boolean;
  readonly replace?: boolean;
}

/** `flyte-webhook create trigger`: starts runs of a registered task on a schedule. */
export async function createTrigger(
  task: string,
  name: string,
  options: CreateTriggerOptions,
): Promise<void> {
  const reference = parseTaskName(task);
  const schedule = toSchedule(options);
  const written = await readInputs(options.inputs, options.input ?? []);
  const env = parsePairs(options.env ?? [], "--env");
  const labels = parsePairs(options.label ?? [], "--label");
  const { description, timeInput, inactive, replace } = options;
  await using controlPlane = await connect(options);
  const details = await controlPlane.tasks.get(reference);
  const { project, domain } = details;
  const ref = { project, domain, task: details.name, name };
  if (replace !== true) await refuseExisting(controlPlane, ref);
  const trigger = await controlPlane.triggers.deploy({
    ...ref,
    schedule,
    taskVersion: details.version,
    active: inactive !== true,
    inputs: toInputsObject(written, details.inputSchema),
    env,
    labels,
    ...(description !== undefined && { description }),
    ...(timeInput !== undefined && { timeInput }),
  });
  showTrigger(trigger, options);
}

async function refuseExisting({ triggers }: ControlPlane, ref: TriggerRef): Promise<void> {
  try {
    await triggers.get(ref);
  } catch (error) {
    if (FlyteError.is(error) && error.code === "not_found") return;
    throw error;
  }
  throw new FlyteError(
    "conflict",
    `The trigger ${ref.name} of ${ref.task} exists already. Replace it with --replace, or choose another name.`,
  );
}

const minuteMs = 60_000;

function toSchedule(options: CreateTriggerOptions): TriggerSchedule {
  const { schedule: cron, timezone, every, start } = options;
  if ((cron === undefined) === (every === undefined)) {
    throw new FlyteError(
      "invalid_input",
      "Give --schedule with a cron expression or --every with a duration, one of them.",
    );
  }
  if (cron !== undefined) {
    if (start !== undefined) throw onlyWith("--start", "--every");
    return { cron, ...(timezone !== undefined && { timezone }) };
  }
  if (timezone !== undefined) throw onlyWith("--timezone", "--schedule");
  const everyMinutes = (every ?? 0) / minuteMs;
  if (!Number.isInteger(everyMinutes) || everyMinutes < 1) {
    throw new FlyteError(
      "invalid_input",
      "--every takes whole minutes. For another interval write --schedule '@every 90s'.",
    );
  }
  return { everyMinutes, ...(start !== undefined && { startTime: toTime(start) }) };
}

function toTime(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(time.getTime())) {
    return time;
  }
  throw new FlyteError(
    "invalid_input",
    `--start ${JSON.stringify(text)} is no time with its zone. Write it as 2026-05-01T06:00:00Z.`,
  );
}

function onlyWith(option: string, other: string): FlyteError {
  return new FlyteError("invalid_input", `${option} goes with ${other} only.`);
}
