import { createHmac } from "node:crypto";
import type { JsonObject } from "../../../shared/json.ts";
import type { Hook, HookOptions, HookSecrets } from "../hook.ts";
import type { DeliveryReading, HookEvent, HookProvider, RawDelivery } from "../provider.ts";
import { createHook } from "./create-hook.ts";
import { jsonObjectOf, textBody, textField } from "./delivery-body.ts";
import { findSecret, maxSignatures, type NamedKey } from "./find-secret.ts";
import { readSecrets } from "./hook-secrets.ts";
import { malformed, provingHeader, readingOf, refuse } from "./reading-fault.ts";
import {
  checkAge,
  parseSeconds,
  resolveTolerance,
  type ToleranceOptions,
  toSeconds,
} from "./sent-at.ts";

/** Stripe's event object; all other fields are there as well, as JSON. */
export interface StripePayload extends JsonObject {
  readonly id: string;
  readonly type: string;
  /** Seconds since 1970; a text for events of Stripe's second interface. */
  readonly created: number | string;
  readonly livemode: boolean;
  readonly data: JsonObject & { readonly object: JsonObject };
}

export interface StripeEvent extends HookEvent<StripePayload> {
  readonly provider: "stripe";
  /** The event's own id, the same each time that it is sent. */
  readonly id: string;
  readonly sentAt: Date;
}

export interface StripeHookOptions extends HookOptions<StripeEvent>, ToleranceOptions {
  /** The endpoint's signing secret, which begins with `whsec_`; several, while one takes the place of another. */
  readonly secret: HookSecrets;
}

/**
 * A hook for Stripe's webhook endpoints. `type` is the event's: `invoice.paid`, `checkout.session.completed`.
 *
 * @throws FlyteError `invalid_config` for a secret that is missing, empty or too short
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
export function stripe({ secret, toleranceSeconds, ...options }: StripeHookOptions): Hook {
  const tolerance = toleranceSeconds === undefined ? {} : { toleranceSeconds };
  return createHook(options, stripeProvider(secret, tolerance, options.name));
}

/** Verifies and signs Stripe's deliveries. */
export function stripeProvider(
  secret: HookSecrets,
  tolerance: ToleranceOptions = {},
  hook = "stripe",
): HookProvider {
  const toleranceMs = resolveTolerance(hook, tolerance);
  const secrets = readSecrets(secret, { hook, source: "the endpoint's settings at Stripe" });
  const keys = secrets.map(({ name, text }) => ({ name, key: text }));
  return {
    provider: "stripe",
    otherMethods: [],
    // Stripe names no time, and asks for an answer before any work.
    answerWithinMs: 10_000,
    read: (delivery) => readingOf(() => read(delivery, keys, toleranceMs)),
    sign: ({ headers, body, sentAt }) => {
      const time = toSeconds(sentAt);
      const [first] = keys;
      return { ...headers, [header]: `t=${time},v1=${prove(first?.key ?? "", time, body)}` };
    },
    mayKeepHeader: () => false,
    withoutSecrets: (body) => body,
  };
}

const header = "stripe-signature";

function prove(key: string, time: string, body: Uint8Array): string {
  return createHmac("sha256", key).update(`${time}.`).update(body).digest("hex");
}

function read(
  delivery: RawDelivery,
  keys: readonly NamedKey<string>[],
  toleranceMs: number,
): DeliveryReading {
  const parts = provingHeader(delivery, header).split(",");
  const valuesOf = (scheme: string): readonly string[] =>
    parts
      .filter((part) => part.startsWith(`${scheme}=`))
      .map((part) => part.slice(scheme.length + 1));
  const [time, ...otherTimes] = valuesOf("t");
  const given = valuesOf("v1");
  if (time === undefined || otherTimes.length > 0) refuse(`The header ${header} must have one t=.`);
  if (given.length > maxSignatures) refuse(`The header ${header} has too many signatures.`);
  const sentAt = parseSeconds(time ?? "");
  const secret = findSecret(keys, given, (key) => prove(key, time ?? "", delivery.body));
  if (secret === undefined)
    return refuse(`The header ${header} does not fit the body and the secret.`);
  checkAge(sentAt, delivery.receivedAt, toleranceMs);
  const payload = jsonObjectOf(textBody(delivery.body));
  const id = textField(payload, "id");
  const type = textField(payload, "type");
  if (id === undefined || type === undefined) return malformed("The body has no id or no type.");
  return { kind: "event", event: { provider: "stripe", type, id, sentAt, payload, secret } };
}
