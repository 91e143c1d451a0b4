import { isJsonObject, ownValue } from "../../../shared/json.ts";
import type { HookEvent } from "../provider.ts";

/**
 * Whether an address is one at which Slack takes messages for whoever gave a command.
 *
 * @see https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 */
export function isSlackAddress(text: string): boolean {
  if (text.length > 2048 || !URL.canParse(text)) return false;
  const { origin, username, password } = new URL(text);
  return origin === "https://hooks.slack.com" && username === "" && password === "";
}

/** The `response_url` of a delivery; undefined where it has none that is Slack's. */
export function slackReplyTo({ payload }: HookEvent): string | undefined {
  const url = isJsonObject(payload) ? ownValue(payload, "response_url") : undefined;
  return typeof url === "string" && isSlackAddress(url) ? url : undefined;
}
