import type { TaskMetadata } from "../../../../src/idl/tasks.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { toScheduleWords } from "../triggers/schedule-words.ts";

/** The triggers of a task in a few words: `nightly, every day at 02:00`, `3, 1 on`. */
export function triggersWords(summary: TaskMetadata["triggersSummary"]): string {
  const { value, case: kind } = summary?.summary ?? { case: undefined };
  if (kind === "details") {
    const automation = value.automationSpec?.automation;
    const words =
      automation?.case === "schedule" ? toScheduleWords(automation.value).words : "on demand";
    return `${toAttributeText(value.name, 80)}, ${value.active ? toAttributeText(words, 120) : "off"}`;
  }
  if (kind !== "stats" || value.total === 0) return "–";
  return `${value.total}, ${value.active === 0 ? "none" : value.active} on`;
}
