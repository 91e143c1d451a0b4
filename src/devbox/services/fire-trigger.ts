import { create, fromBinary } from "@bufbuild/protobuf";
import { ProjectState } from "../../idl/projects.ts";
import { CreateRunRequestSchema, RunSource } from "../../idl/runs.ts";
import { TriggerSpecSchema } from "../../idl/triggers.ts";
import { FlyteError } from "../../shared/errors.ts";
import { findUser } from "../store/identities.ts";
import { findProject } from "../store/projects.ts";
import type { TriggerRow } from "../store/triggers.ts";
import { type CreateRunOptions, startRun } from "./create-run.ts";
import { triggeredRunName } from "./run-name.ts";
import { inputsOfTrigger } from "./run-trigger.ts";

/**
 * Starts the run of a trigger that was due at an instant, as whoever deployed or switched the trigger
 * last. The same instant again finds the same run.
 *
 * @param note is called in the write that stores the run; when it gives false, no run is stored
 * @throws what `CreateRun` throws, for example when that user may not run the task any more, and
 * FlyteError `precondition_failed` in a project that is archived
 */
export async function fireTrigger(
  trigger: TriggerRow,
  { at, note }: { readonly at: number; readonly note: () => boolean },
  options: CreateRunOptions,
): Promise<void> {
  const { project, domain, task_name: taskName, name } = trigger;
  const { database } = options;
  if (findProject(database, project)?.state === ProjectState.ARCHIVED) {
    throw new FlyteError("precondition_failed", `project ${JSON.stringify(project)} is archived`);
  }
  const { runSpec } = fromBinary(TriggerSpecSchema, trigger.spec);
  const request = create(CreateRunRequestSchema, {
    id: { case: "runId", value: { project, domain, name: triggeredRunName(trigger, at) } },
    task: { case: "triggerName", value: { project, domain, taskName, name } },
    inputWrapper: { case: "inputs", value: inputsOfTrigger(trigger, at) },
    source: RunSource.SCHEDULE_TRIGGER,
    ...(runSpec !== undefined && { runSpec }),
  });
  let isNoted = false;
  const onStore = (): void => {
    isNoted = true;
    if (!note()) throw changed;
  };
  try {
    await startRun(request, findUser(database, trigger.updated_by), {
      ...options,
      onStore,
      dueAt: at,
    });
    // The run was there already: the clock was set back, or someone took its name.
    if (!isNoted) await database.write(note);
  } catch (error) {
    if (error !== changed) throw error;
  }
}

/** Keeps a run from being stored. */
const changed: Error = new Error("the trigger was changed");
