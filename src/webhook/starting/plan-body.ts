import type { RunPlan } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";

/** What a dry run tells of a run that would be started. */
export function toPlanBody({ scope, task, inputs, existing }: RunPlan): JsonObject {
  return {
    task: { ...task },
    run: { ...scope },
    inputs: inputs ?? null,
    existing_run: existing?.name ?? null,
  };
}
