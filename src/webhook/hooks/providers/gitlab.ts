import { randomUUID } from "node:crypto";
import { isJsonObject, type JsonObject, ownValue } from "../../../shared/json.ts";
import type { Hook, HookOptions, HookSecrets } from "../hook.ts";
import type { DeliveryReading, HookProvider, RawDelivery, UnsignedDelivery } from "../provider.ts";
import { createHook } from "./create-hook.ts";
import { jsonObjectOf, textBody, textField } from "./delivery-body.ts";
import { findToken, type NamedKey } from "./find-secret.ts";
import type { GitLabEvent } from "./gitlab-events.ts";
import { readSecrets, type SecretRule } from "./hook-secrets.ts";
import { malformed, provingHeader, readingOf, refuse, tellingHeader } from "./reading-fault.ts";
import { resolveTolerance, type ToleranceOptions } from "./sent-at.ts";
import {
  readWebhookKeys,
  signMessage,
  verifyMessage,
  type WebhookKeys,
} from "./webhook-signature.ts";

export interface GitLabHookOptions extends HookOptions<GitLabEvent>, ToleranceOptions {
  /**
   * The webhook's signing token (GitLab 19 and later), which begins with `whsec_`, or its secret token, which GitLab
   * sends as it is. Several, while one takes the place of another; both kinds, while the one takes the place of the other.
   */
  readonly secret: HookSecrets;
}

/**
 * A hook for GitLab's webhooks, of a project, a group or a system. A delivery with a signature has to be signed with a
 * signing token, where the hook has one; the secret token counts for the others.
 *
 * @throws FlyteError `invalid_config` for a secret that is missing, empty or too short
 * @see https://docs.gitlab.com/user/project/integrations/webhooks/
 */
export function gitlab({ secret, toleranceSeconds, ...options }: GitLabHookOptions): Hook {
  const tolerance = toleranceSeconds === undefined ? {} : { toleranceSeconds };
  return createHook(options, gitlabProvider(secret, tolerance, options.name));
}

interface GitLabKeys {
  readonly signing: WebhookKeys | undefined;
  readonly tokens: readonly NamedKey<Uint8Array>[];
  readonly toleranceMs: number;
}

/** Verifies and signs GitLab's deliveries. */
export function gitlabProvider(
  secret: HookSecrets,
  tolerance: ToleranceOptions = {},
  hook = "gitlab",
): HookProvider {
  const toleranceMs = resolveTolerance(hook, tolerance);
  const keys = {
    ...readKeys(secret, { hook, source: "the webhook's settings at GitLab" }),
    toleranceMs,
  };
  return {
    provider: "gitlab",
    otherMethods: [],
    // https://docs.gitlab.com/user/gitlab_com/#webhooks
    answerWithinMs: 10_000,
    read: (delivery) => readingOf(() => read(delivery, keys)),
    sign: (delivery) => sign(delivery, keys),
    mayKeepHeader: (name) =>
      /^(?:x-gitlab-(?:event|instance|event-uuid|webhook-uuid)|idempotency-key|webhook-id)$/.test(
        name,
      ),
    withoutSecrets: (body) => body,
  };
}

function readKeys(secret: HookSecrets, rule: SecretRule): Omit<GitLabKeys, "toleranceMs"> {
  const all = readSecrets(secret, rule);
  const signing = all.filter(({ text }) => text.startsWith("whsec_"));
  return {
    signing:
      signing.length === 0
        ? undefined
        : readWebhookKeys(Object.fromEntries(signing.map(({ name, text }) => [name, text])), rule),
    tokens: all
      .filter(({ text }) => !text.startsWith("whsec_"))
      .map(({ name, text }) => ({ name, key: Buffer.from(text) })),
  };
}

function sign(
  { headers, ...delivery }: UnsignedDelivery,
  { signing, tokens: [token] }: GitLabKeys,
): Readonly<Record<string, string>> {
  const id = headers["webhook-id"] ?? headers["idempotency-key"] ?? randomUUID();
  const all = { ...headers, "idempotency-key": id };
  if (signing !== undefined) return { ...all, ...signMessage(id, delivery, signing) };
  // Headers are bytes; those of other letters are UTF-8, as GitLab sends them.
  return { ...all, "x-gitlab-token": Buffer.from(token?.key ?? []).toString("latin1") };
}

function read(delivery: RawDelivery, keys: GitLabKeys): DeliveryReading {
  const proof = prove(delivery, keys);
  const payload = jsonObjectOf(textBody(delivery.body));
  const name = nameOf(delivery, payload);
  const attributes = ownValue(payload, "object_attributes");
  const action =
    textField(payload, "action") ??
    (isJsonObject(attributes) ? textField(attributes, "action") : undefined);
  const type = action === undefined ? name : `${name}.${action}`;
  const event = { provider: "gitlab", name, type, payload, ...proof };
  return { kind: "event", event };
}

interface Proof {
  readonly secret: string;
  readonly id: string | undefined;
  readonly sentAt: Date | undefined;
}

/**
 * The id stays the same when a delivery is tried again. `X-Gitlab-Event-UUID` does not do: events that come of one
 * another share it.
 */
function prove(delivery: RawDelivery, { signing, tokens, toleranceMs }: GitLabKeys): Proof {
  if (signing !== undefined && delivery.header("webhook-signature") !== undefined) {
    return verifyMessage(delivery, signing, { prefix: "webhook", toleranceMs });
  }
  if (tokens.length === 0) return refuse("The header webhook-signature is missing.");
  const token = provingHeader(delivery, "x-gitlab-token");
  const secret = findToken(tokens, Buffer.from(token, "latin1"));
  if (secret === undefined) return refuse("The header x-gitlab-token is not the secret token.");
  return { secret, id: tellingHeader(delivery, "idempotency-key"), sentAt: undefined };
}

/** What the body says it is; a body of a template of the user's may leave it to the header. */
function nameOf(delivery: RawDelivery, payload: JsonObject): string {
  const named = textField(payload, "object_kind") ?? textField(payload, "event_name");
  if (named !== undefined) return named;
  const header = delivery.header("x-gitlab-event");
  if (typeof header !== "string" || !/^[A-Za-z ]{1,64}$/.test(header)) {
    return malformed(
      "Neither the body's object_kind nor the header x-gitlab-event names the event.",
    );
  }
  return header
    .replace(/ Hook$/, "")
    .toLowerCase()
    .replaceAll(" ", "_");
}
