import type { JsonValue } from "../../../shared/json.ts";
import type { HookEvent, HookOutcome } from "../provider.ts";
import { escapeSlack } from "./escape-slack.ts";

/**
 * What Slack wants to hear of an event: 200, and for a command the words that its user alone sees. Anything but 200 is
 * shown as a failure of the command, and an answer to an interaction would change what the user sees.
 */
export function acknowledgeSlack(
  { type }: HookEvent,
  outcome: HookOutcome,
): { readonly status: number; readonly body: JsonValue | undefined } {
  if (!type.startsWith("command.")) return { status: 200, body: undefined };
  const text = wordsOf(`/${type.slice("command.".length)}`, outcome);
  return { status: 200, body: { response_type: "ephemeral", text: escapeSlack(text) } };
}

function wordsOf(command: string, outcome: HookOutcome): string {
  if (outcome.kind === "refused") return outcome.reason;
  if (outcome.kind === "ignored") return `${command} starts nothing here.`;
  const { run, url, existed } = outcome;
  return existed ? `Run ${run} had been started already: ${url}` : `Run ${run} was started: ${url}`;
}
