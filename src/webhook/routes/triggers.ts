import type { RunOptions } from "../../client/control-plane.ts";
import type { TriggerRef } from "../../client/trigger-calls.ts";
import { isJsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, givenScope, pathValue, resolvedScope } from "../call.ts";
import { beginRun } from "../starting/begin-run.ts";
import { toPlanBody } from "../starting/plan-body.ts";
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
  return withSwappedHint(call, () => {
    const inputs = isJsonObject(call.body) ? call.body : {};
    const { triggers } = call.controlPlane;
    const ref = triggerRef(call);
    const { project, domain } = resolvedScope(call);
    const start = {
      target: `trigger ${domain}/${project}/${ref.task}/${ref.name}`,
      payload: inputs,
      options: acting(call),
      begin: (options: RunOptions) => triggers.fire(ref, inputs, options),
      plan: (options: RunOptions) => triggers.plan(ref, inputs, options).then(toPlanBody),
    };
    return beginRun(call, start, ({ url, name }) => ({ url, name }));
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
