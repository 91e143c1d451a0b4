import { type ActionMetadata, RunSource } from "../../../src/idl/runs.ts";

/** Sources of newer messages, by number. */
const tracked = 4;
const artifactTrigger = 5;

const words: ReadonlyMap<number, string> = new Map([
  // Neither the webhook nor Flyte's SDKs say what they are.
  [RunSource.UNSPECIFIED, "Webhook or SDK"],
  [RunSource.WEB, "Console"],
  [RunSource.CLI, "Command line"],
  [RunSource.SCHEDULE_TRIGGER, "Schedule"],
  [tracked, "Tracked from elsewhere"],
  [artifactTrigger, "Artifact"],
]);

/** What started a run, in words: `Webhook or SDK`, `Schedule`, `Trigger, fired by hand`. */
export function toSourceWords({
  source,
  triggerName,
}: Pick<ActionMetadata, "source" | "triggerName">): string {
  if (triggerName === "") return words.get(source) ?? `Source ${source}`;
  if (source === RunSource.SCHEDULE_TRIGGER || Number(source) === artifactTrigger) return "Trigger";
  return "Trigger, fired by hand";
}
