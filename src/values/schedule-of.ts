import type { Schedule, Trigger, TriggerDetails } from "../idl/triggers.ts";

/** The schedule of a trigger; undefined for one without. */
export function scheduleOf(trigger: Trigger | TriggerDetails | undefined): Schedule | undefined {
  const automation = trigger?.automationSpec?.automation;
  return automation?.case === "schedule" ? automation.value : undefined;
}
