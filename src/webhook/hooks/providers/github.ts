import { createHmac } from "node:crypto";
import type { JsonObject } from "../../../shared/json.ts";
import type { Hook, HookOptions, HookSecrets } from "../hook.ts";
import type { DeliveryReading, HookProvider, RawDelivery, UnsignedDelivery } from "../provider.ts";
import { createHook } from "./create-hook.ts";
import {
  formOf,
  formType,
  isJsonType,
  jsonObjectOf,
  mediaTypeOf,
  textBody,
  textField,
} from "./delivery-body.ts";
import { findSecret, type NamedKey } from "./find-secret.ts";
import type { GitHubEvent } from "./github-events.ts";
import { readSecrets } from "./hook-secrets.ts";
import { malformed, provingHeader, readingOf, refuse, tellingHeader } from "./reading-fault.ts";

export interface GitHubHookOptions extends HookOptions<GitHubEvent> {
  /** The webhook's secret at GitHub; several, while one takes the place of another. At least 16 characters each. */
  readonly secret: HookSecrets;
}

/**
 * A hook for GitHub's webhooks, of a repository, an organisation or an app. The address to give GitHub is
 * `https://YOUR-WEBHOOK/hooks/github`; JSON and forms are both taken. `ping` is answered and starts nothing.
 *
 * @throws FlyteError `invalid_config` for a secret that is missing, empty or too short
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 * @example
 * ```ts
 * github({
 *   secret: process.env.GITHUB_WEBHOOK_SECRET ?? "",
 *   runAs: { token: process.env.FLYTE_API_KEY ?? "" },
 *   events: ["push"],
 *   start: (event) =>
 *     event.type === "push" && event.payload.ref === "refs/heads/main"
 *       ? { task: "train.main", inputs: { commit: event.payload.after } }
 *       : undefined,
 * });
 * ```
 */
export function github({ secret, ...options }: GitHubHookOptions): Hook {
  return createHook(options, githubProvider(secret, options.name));
}

const signature = "x-hub-signature-256";

/** Verifies and signs GitHub's deliveries. */
export function githubProvider(secret: HookSecrets, hook = "github"): HookProvider {
  const secrets = readSecrets(secret, { hook, source: "the webhook's settings at GitHub" });
  const keys = secrets.map(({ name, text }) => ({ name, key: text }));
  return {
    provider: "github",
    otherMethods: [],
    // https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
    answerWithinMs: 10_000,
    read: (delivery) => readingOf(() => read(delivery, keys)),
    sign: (delivery) => sign(delivery, keys),
    mayKeepHeader: (name) => /^x-github-(?:event|delivery|hook-[a-z-]+)$/.test(name),
    withoutSecrets: (body) => body,
  };
}

function sign(
  { headers, body }: UnsignedDelivery,
  [first]: readonly NamedKey<string>[],
): Readonly<Record<string, string>> {
  return { ...headers, [signature]: prove(first?.key ?? "", body) };
}

function prove(key: string, body: Uint8Array): string {
  return `sha256=${createHmac("sha256", key).update(body).digest("hex")}`;
}

function read(delivery: RawDelivery, keys: readonly NamedKey<string>[]): DeliveryReading {
  const given = provingHeader(delivery, signature);
  const secret = findSecret(keys, [given], (key) => prove(key, delivery.body));
  if (secret === undefined)
    return refuse(`The header ${signature} does not fit the body and the secret.`);
  const name = tellingHeader(delivery, "x-github-event");
  const id = tellingHeader(delivery, "x-github-delivery");
  if (name === undefined || !/^[a-z_]{1,64}$/.test(name)) {
    return malformed("The header x-github-event must name an event, such as push.");
  }
  if (id === undefined) return malformed("The header x-github-delivery is missing.");
  const payload = payloadOf(delivery);
  if (name === "ping") return { kind: "answer", status: 200, body: { pong: true }, what: "ping" };
  const action = textField(payload, "action");
  const type = action === undefined ? name : `${name}.${action}`;
  const event = { provider: "github", name, type, id, sentAt: undefined, payload, secret };
  return { kind: "event", event };
}

function payloadOf(delivery: RawDelivery): JsonObject {
  const mediaType = mediaTypeOf(delivery);
  if (isJsonType(mediaType)) return jsonObjectOf(textBody(delivery.body));
  if (mediaType !== formType) {
    return malformed(`The content type must be application/json or ${formType}.`);
  }
  const payload = formOf(delivery.body).get("payload");
  return payload === undefined
    ? malformed("The form has no payload.")
    : jsonObjectOf(payload, "The payload");
}
