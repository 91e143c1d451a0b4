import type { ConditionStatus } from "../../client/condition-calls.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, pathValue, reading, runRef } from "../call.ts";
import { toTime } from "../to-time.ts";
import { onFoundRun } from "./runs.ts";

/** Reads what a run waits for. */
export function getConditions(call: Call): Promise<Answer> {
  return onFoundRun(call, async () => {
    const run = runRef(call);
    const found = await call.controlPlane.conditions.list(run, reading(call));
    return { body: { name: run.name, conditions: found.map(toBody) } };
  });
}

/** Signals a condition of a run. */
export function signalCondition(call: Call): Promise<Answer> {
  return onFoundRun(call, async () => {
    const ref = { ...runRef(call), condition: pathValue(call, "condition") };
    const { value = null } = call.parameters;
    const status = await call.controlPlane.conditions.signal(ref, value, acting(call));
    return { body: { name: ref.name, ...toBody(status) } };
  });
}

/** A condition as the endpoints show it. */
export function toBody(status: ConditionStatus): JsonObject {
  return {
    condition: status.name,
    action: status.action,
    parent: status.parent,
    type: status.type ?? null,
    prompt: status.prompt,
    prompt_type: status.promptType,
    description: status.description,
    phase: status.phase,
    open: status.open,
    since: toTime(status.since),
    deadline: toTime(status.deadline),
    ended_at: toTime(status.endedAt),
    value: status.value ?? null,
    signalled_by: status.signalledBy ?? null,
  };
}
