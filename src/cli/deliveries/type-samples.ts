import { randomBytes, randomUUID } from "node:crypto";
import { cloudEventsProvider } from "../../webhook/hooks/providers/cloud-events.ts";
import { hmacProvider } from "../../webhook/hooks/providers/hmac.ts";
import type { HmacScheme } from "../../webhook/hooks/providers/hmac-scheme.ts";
import { standardWebhooksProvider } from "../../webhook/hooks/providers/standard-webhooks.ts";
import { stripeProvider } from "../../webhook/hooks/providers/stripe.ts";
import { jsonDelivery, type SampleSource, type SigningOptions } from "./sample-source.ts";

// Those whose events look alike, whatever their type.

/** `kind_` and letters and digits. */
function idOf(kind: string): string {
  return `${kind}_${randomBytes(12).toString("hex")}`;
}

export const stripeSamples: SampleSource = {
  events: ["invoice.paid", "checkout.session.completed", "payment_intent.succeeded"],
  takesAny: true,
  createId: () => idOf("evt"),
  idHeader: () => undefined,
  provider: (secret) => stripeProvider(secret),
  deliver({ event: type, payload, id, at }) {
    // https://docs.stripe.com/api/events/object
    const object = type.split(".").slice(0, -1).join(".") || type;
    const sample = {
      id: idOf("obj"),
      object,
      amount_total: 4200,
      currency: "eur",
      customer: "cus_example",
      metadata: {},
    };
    return jsonDelivery({
      id,
      object: "event",
      api_version: "2026-01-28",
      created: Math.floor(at.getTime() / 1_000),
      data: { object: sample },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type,
      ...payload,
    });
  },
};

export const standardWebhooksSamples: SampleSource = {
  events: ["user.created"],
  takesAny: true,
  createId: () => idOf("msg"),
  idHeader: () => "webhook-id",
  provider: (secret) => standardWebhooksProvider(secret),
  deliver({ event: type, payload, id, at }) {
    const sample = { type, timestamp: at.toISOString(), data: { id: "1" } };
    return jsonDelivery({ ...sample, ...payload }, { "webhook-id": id });
  },
};

export const cloudEventsSamples: SampleSource = {
  events: ["com.example.object.created", "handshake"],
  takesAny: true,
  createId: randomUUID,
  idHeader: () => undefined,
  provider: (secret, options) =>
    options.signatureHeader === undefined
      ? cloudEventsProvider({ token: secret })
      : cloudEventsProvider({ hmac: schemeOf(secret, options) }),
  deliver({ event: type, payload, id, at }) {
    if (type === "handshake") {
      const headers = { "webhook-request-origin": "localhost", "webhook-request-rate": "120" };
      return { method: "OPTIONS", headers, body: "" };
    }
    const attributes = { specversion: "1.0", id, source: "/flyte-webhook/send", type };
    const sample = { subject: "models/churn.bin", time: at.toISOString(), data: { size: 42 } };
    return jsonDelivery(
      { ...attributes, ...sample, datacontenttype: "application/json", ...payload },
      { "content-type": "application/cloudevents+json" },
    );
  },
};

export const hmacSamples: SampleSource = {
  events: ["delivery"],
  takesAny: true,
  createId: randomUUID,
  idHeader: ({ idHeader }) => idHeader?.toLowerCase(),
  provider: (secret, options) => hmacProvider(schemeOf(secret, options)),
  deliver({ event: type, payload, id, at }, { idHeader, typeHeader }) {
    const sample = { type, id, time: at.toISOString(), data: { size: 42 } };
    return jsonDelivery(payload ?? sample, {
      ...(idHeader !== undefined && { [idHeader.toLowerCase()]: id }),
      ...(typeHeader !== undefined && { [typeHeader.toLowerCase()]: type }),
    });
  },
};

function schemeOf(
  secret: string,
  { signatureHeader = "x-signature", typeHeader, ...others }: SigningOptions,
): HmacScheme & { readonly typeHeader?: string } {
  const scheme = { secret, header: signatureHeader, ...others };
  return typeHeader === undefined ? scheme : { ...scheme, typeHeader };
}
