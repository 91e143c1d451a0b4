import { createHmac } from "node:crypto";
import type { Hook, HookOptions, HookSecrets } from "../hook.ts";
import type { DeliveryReading, HookProvider, RawDelivery } from "../provider.ts";
import { acknowledgeSlack } from "./acknowledge-slack.ts";
import { createHook } from "./create-hook.ts";
import { findSecret, type NamedKey } from "./find-secret.ts";
import { readSecrets } from "./hook-secrets.ts";
import { provingHeader, readingOf, refuse } from "./reading-fault.ts";
import {
  checkAge,
  parseSeconds,
  resolveTolerance,
  type ToleranceOptions,
  toSeconds,
} from "./sent-at.ts";
import { readSlackBody, withoutSlackSecrets } from "./slack-body.ts";
import type { SlackEvent } from "./slack-events.ts";
import { slackReplyTo } from "./slack-reply-to.ts";

export interface SlackHookOptions extends HookOptions<SlackEvent>, ToleranceOptions {
  /** The app's signing secret; several, while one takes the place of another. */
  readonly secret: HookSecrets;
  /**
   * Whether whoever gave a command or pressed a button is told how the run has ended, within the half hour for which
   * Slack takes such messages. Runs are followed with the credential of `runAs`, and what is not yet told survives a restart
   * where `callbacks` has a journal.
   *
   * @default false
   */
  readonly reply?: boolean;
}

/**
 * A hook for a Slack app: slash commands, interactions and the Events API, all at one address. `url_verification` is
 * answered by itself. Whoever gives a command is told the run, or the words of a refusal, and nobody else.
 *
 * @throws FlyteError `invalid_config` for a secret that is missing, empty or too short
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function slack({ secret, toleranceSeconds, reply, ...options }: SlackHookOptions): Hook {
  const tolerance = toleranceSeconds === undefined ? {} : { toleranceSeconds };
  const provider = slackProvider(secret, tolerance, options.name);
  return createHook(options, reply === true ? { ...provider, replyTo: slackReplyTo } : provider);
}

/** Verifies and signs Slack's deliveries. */
export function slackProvider(
  secret: HookSecrets,
  tolerance: ToleranceOptions = {},
  hook = "slack",
): HookProvider {
  const toleranceMs = resolveTolerance(hook, tolerance);
  const secrets = readSecrets(secret, { hook, source: "the app's Basic Information at Slack" });
  const keys = secrets.map(({ name, text }) => ({ name, key: text }));
  return {
    provider: "slack",
    otherMethods: [],
    // https://docs.slack.dev/interactivity/implementing-slash-commands
    answerWithinMs: 3_000,
    read: (delivery) => readingOf(() => read(delivery, keys, toleranceMs)),
    acknowledge: acknowledgeSlack,
    sign: ({ headers, body, sentAt }) => {
      const time = toSeconds(sentAt);
      const [first] = keys;
      return { ...headers, [timeHeader]: time, [signature]: prove(first?.key ?? "", time, body) };
    },
    mayKeepHeader: (name) => /^x-slack-retry-(?:num|reason)$/.test(name),
    withoutSecrets: withoutSlackSecrets,
  };
}

const signature = "x-slack-signature";
const timeHeader = "x-slack-request-timestamp";

function prove(key: string, time: string, body: Uint8Array): string {
  return `v0=${createHmac("sha256", key).update(`v0:${time}:`).update(body).digest("hex")}`;
}

function read(
  delivery: RawDelivery,
  keys: readonly NamedKey<string>[],
  toleranceMs: number,
): DeliveryReading {
  const given = provingHeader(delivery, signature);
  const time = provingHeader(delivery, timeHeader);
  const sentAt = parseSeconds(time);
  const secret = findSecret(keys, [given], (key) => prove(key, time, delivery.body));
  if (secret === undefined)
    return refuse(`The header ${signature} does not fit the body and the secret.`);
  checkAge(sentAt, delivery.receivedAt, toleranceMs);
  return readSlackBody(delivery, { secret, sentAt });
}
