import { RunSource, type RunSpec } from "../../../../src/idl/runs.ts";
import type { Inputs, TaskIdentifier } from "../../../../src/idl/tasks.ts";
import { FlyteError } from "../../../../src/shared/errors.ts";
import { dataProxy, runs } from "../../control-plane/clients.ts";
import { isNotFound } from "../../control-plane/error-words.ts";
import type { Scope } from "../../scope.ts";

/** A run to be; it has its name beforehand, so that a lost answer starts no second one. */
export interface NewRun {
  readonly scope: Scope;
  readonly name: string;
  readonly task: TaskIdentifier;
  readonly inputs: Inputs;
  readonly runSpec: RunSpec;
}

/**
 * Uploads the inputs, as they always travel, and creates the run.
 *
 * @param onAsked - called when the run may be there from then on, whatever the answer
 */
export async function startRun(
  { scope, name, task, inputs, runSpec }: NewRun,
  onAsked: () => void,
): Promise<void> {
  const { project, domain } = scope;
  const ofTask = { case: "taskId" as const, value: task };
  const { offloadedInputData } = await dataProxy.uploadInputs({
    id: { case: "projectId", value: { name: project, domain } },
    task: ofTask,
    inputs,
  });
  if (offloadedInputData === undefined) {
    throw new FlyteError("internal", "The devbox did not say where it put the inputs.");
  }
  onAsked();
  await runs.createRun({
    id: { case: "runId", value: { project, domain, name } },
    task: ofTask,
    inputWrapper: { case: "offloadedInputData", value: offloadedInputData },
    runSpec,
    source: RunSource.WEB,
  });
}

/** Whether there is a run of a name. */
export async function isThere({ project, domain }: Scope, name: string): Promise<boolean> {
  try {
    await runs.getRunDetails({ runId: { project, domain, name } });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

const signs = "bcdfghjklmnpqrstvwxz2456789";

/** A name for a run that is given none, as the control plane makes them. */
export function createRunName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(19));
  return `r${Array.from(bytes, (byte) => signs[byte % signs.length]).join("")}`;
}
