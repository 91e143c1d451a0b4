import { randomUUID } from "node:crypto";
import { type JsonObject, type JsonValue, ownValue } from "../../../shared/json.ts";
import type { Hook, HookOptions, HookSecrets } from "../hook.ts";
import type { DeliveryReading, HookEvent, HookProvider, RawDelivery } from "../provider.ts";
import { createHook } from "./create-hook.ts";
import { jsonObjectOf, textBody, textField } from "./delivery-body.ts";
import { readingOf } from "./reading-fault.ts";
import { resolveTolerance, type ToleranceOptions } from "./sent-at.ts";
import {
  readWebhookKeys,
  signMessage,
  verifyMessage,
  type WebhookKeys,
} from "./webhook-signature.ts";

/** An event by Standard Webhooks. `payload` is the body as it came. */
export interface StandardWebhookEvent extends HookEvent<JsonObject> {
  readonly provider: "standard-webhooks";
  /** The body's `type`; `untyped` where it has none. */
  readonly type: string;
  /** The header `webhook-id`, the same for each attempt. */
  readonly id: string;
  /** When this attempt was signed. */
  readonly sentAt: Date;
  /** When it happened: the body's `timestamp`; undefined where it has none. */
  readonly occurredAt: Date | undefined;
  /** The body's `data`; the whole body where it has none. */
  readonly data: JsonValue;
}

export interface StandardWebhooksHookOptions
  extends HookOptions<StandardWebhookEvent>,
    ToleranceOptions {
  /**
   * The secret that the sender signs with, in base64, with or without `whsec_`; or its public key behind `whpk_`.
   * Several, while one takes the place of another.
   */
  readonly secret: HookSecrets;
}

/**
 * A hook for senders that follow Standard Webhooks, those who send with Svix among them: both `webhook-signature` and
 * `svix-signature` are read, `v1` (HMAC-SHA256) and `v1a` (ed25519).
 *
 * @throws FlyteError `invalid_config` for a secret that is missing, no base64 or shorter than 24 bytes
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooks({
  secret,
  toleranceSeconds,
  ...options
}: StandardWebhooksHookOptions): Hook {
  const tolerance = toleranceSeconds === undefined ? {} : { toleranceSeconds };
  return createHook(options, standardWebhooksProvider(secret, tolerance, options.name));
}

/** Verifies and signs deliveries by Standard Webhooks. */
export function standardWebhooksProvider(
  secret: HookSecrets,
  tolerance: ToleranceOptions = {},
  hook = "standard-webhooks",
): HookProvider {
  const toleranceMs = resolveTolerance(hook, tolerance);
  const keys = readWebhookKeys(secret, { hook, source: "the sender's settings" });
  return {
    provider: "standard-webhooks",
    otherMethods: [],
    // The standard recommends that senders wait for 15 to 30 seconds.
    answerWithinMs: 15_000,
    read: (delivery) => readingOf(() => read(delivery, keys, toleranceMs)),
    sign: ({ headers, ...delivery }) => {
      const { "svix-id": svixId, ...others } = headers;
      const id = headers["webhook-id"] ?? svixId ?? `msg_${randomUUID()}`;
      return { ...others, ...signMessage(id, delivery, keys) };
    },
    mayKeepHeader: (name) => name === "webhook-id" || name === "svix-id",
    withoutSecrets: (body) => body,
  };
}

function read(delivery: RawDelivery, keys: WebhookKeys, toleranceMs: number): DeliveryReading {
  const isSvix =
    delivery.header("webhook-signature") === undefined &&
    delivery.header("svix-signature") !== undefined;
  const prefix = isSvix ? "svix" : "webhook";
  const message = verifyMessage(delivery, keys, { prefix, toleranceMs });
  const payload = jsonObjectOf(textBody(delivery.body));
  const event: StandardWebhookEvent = {
    provider: "standard-webhooks",
    type: textField(payload, "type") ?? "untyped",
    ...message,
    occurredAt: timeOf(textField(payload, "timestamp")),
    payload,
    data: ownValue(payload, "data") ?? payload,
  };
  return { kind: "event", event };
}

function timeOf(text: string | undefined): Date | undefined {
  const time = new Date(text ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
