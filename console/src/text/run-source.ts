import { type ActionMetadata, RunSource, type RunSpec } from "../../../src/idl/runs.ts";
import { hookLabel, webhookAnnotation } from "../../../src/values/run-origin.ts";

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

/**
 * What started a run, in words: `Webhook or SDK`, `Schedule`, `Trigger, by hand`. With the run's own
 * specification, which lists do not have, a webhook of this project and its hook are told by name.
 */
export function toSourceWords(
  { source, triggerName }: Pick<ActionMetadata, "source" | "triggerName">,
  spec?: Pick<RunSpec, "labels" | "annotations">,
): string {
  const webhook = spec?.annotations?.values[webhookAnnotation];
  const hook = spec?.labels?.values[hookLabel];
  if (webhook !== undefined) {
    const through =
      hook === undefined ? `Webhook ${webhook}` : `Hook ${hook} of webhook ${webhook}`;
    return triggerName === "" ? through : `${through}, by trigger`;
  }
  if (triggerName === "") return words.get(source) ?? `Source ${source}`;
  if (source === RunSource.SCHEDULE_TRIGGER || Number(source) === artifactTrigger) return "Trigger";
  return "Trigger, by hand";
}
