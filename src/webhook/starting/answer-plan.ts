import type { RunPlan } from "../../client/control-plane.ts";
import type { Answer } from "../answer-request.ts";
import type { Call } from "../call.ts";

/** What a dry run answers. */
export function answerPlan(_call: Call, { scope, task, inputs, existing }: RunPlan): Answer {
  return {
    body: {
      dry_run: true,
      task: { ...task },
      run: { ...scope },
      inputs: inputs ?? null,
      existing_run: existing?.name ?? null,
    },
  };
}
