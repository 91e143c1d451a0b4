import type { TriggerRef } from "../../client/trigger-calls.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, givenScope, pathValue } from "../call.ts";
import { withSwappedHint } from "../swapped-hint.ts";

/** Switches a trigger on. */
export function activateTrigger(call: Call): Promise<Answer> {
  return toggle(call, "activate");
}

/** Switches a trigger off. */
export function deactivateTrigger(call: Call): Promise<Answer> {
  return toggle(call, "deactivate");
}

function toggle(call: Call, verb: "activate" | "deactivate"): Promise<Answer> {
  return withSwappedHint(call, async () => {
    const ref: TriggerRef = {
      task: pathValue(call, "task_name"),
      name: pathValue(call, "trigger_name"),
      ...givenScope(call),
    };
    const { task, name, active } = await call.controlPlane.triggers[verb](ref, acting(call));
    return { body: { task_name: task, trigger_name: name, active } };
  });
}
