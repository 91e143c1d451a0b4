import { create, fromBinary } from "@bufbuild/protobuf";
import { CreateRunRequestSchema, RunSource } from "../../idl/runs.ts";
import { TriggerSpecSchema } from "../../idl/triggers.ts";
import { findUser } from "../store/identities.ts";
import type { TriggerRow } from "../store/triggers.ts";
import { type CreateRunOptions, startRun } from "./create-run.ts";
import { triggeredRunName } from "./run-name.ts";
import { inputsOfTrigger } from "./run-trigger.ts";

/**
 * Starts the run of a trigger that was due at an instant, as whoever deployed or switched the trigger
 * last. The same instant again finds the same run.
 *
 * @throws what `CreateRun` throws, for example when that user may not run the task any more
 */
export async function fireTrigger(
  trigger: TriggerRow,
  at: number,
  options: CreateRunOptions,
): Promise<void> {
  const { project, domain, task_name: taskName, name } = trigger;
  const { runSpec } = fromBinary(TriggerSpecSchema, trigger.spec);
  const request = create(CreateRunRequestSchema, {
    id: { case: "runId", value: { project, domain, name: triggeredRunName(trigger, at) } },
    task: { case: "triggerName", value: { project, domain, taskName, name } },
    inputWrapper: { case: "inputs", value: inputsOfTrigger(trigger, at) },
    source: RunSource.SCHEDULE_TRIGGER,
    ...(runSpec !== undefined && { runSpec }),
  });
  await startRun(request, findUser(options.database, trigger.updated_by), options);
}
