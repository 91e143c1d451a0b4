import type { TriggerRef } from "../../client/trigger-calls.ts";
import { isJsonObject } from "../../shared/json.ts";
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

/** Starts a run of a trigger with the body over the trigger's own inputs. */
export function fireTrigger(call: Call): Promise<Answer> {
  return withSwappedHint(call, async () => {
    const given = isJsonObject(call.body) ? call.body : {};
    const { triggers } = call.controlPlane;
    const { url, name } = await triggers.fire(triggerRef(call), given, acting(call));
    return { body: { url, name } };
  });
}

function toggle(call: Call, verb: "activate" | "deactivate"): Promise<Answer> {
  return withSwappedHint(call, async () => {
    const { triggers } = call.controlPlane;
    const { task, name, active, nextFireAt } = await triggers[verb](triggerRef(call), acting(call));
    const told = { task_name: task, trigger_name: name, active };
    if (call.options.compat === "upstream") return { body: told };
    return { body: { ...told, next_fire_at: nextFireAt?.toISOString() ?? null } };
  });
}

function triggerRef(call: Call): TriggerRef {
  return {
    task: pathValue(call, "task_name"),
    name: pathValue(call, "trigger_name"),
    ...givenScope(call),
  };
}
