import { FlyteError } from "../../../shared/errors.ts";
import type { Hook, HookOptions, HookSecrets } from "../hook.ts";
import type {
  DeliveryReading,
  HookEvent,
  HookProvider,
  RawDelivery,
  UnsignedDelivery,
} from "../provider.ts";
import {
  type CloudEventPayload,
  isStructured,
  readBinary,
  readStructured,
} from "./cloud-event-message.ts";
import { createHook } from "./create-hook.ts";
import { findToken } from "./find-secret.ts";
import { createHmacVerifier, type HmacScheme, type HmacVerifier } from "./hmac-scheme.ts";
import { readSecrets } from "./hook-secrets.ts";
import { malformed, provingHeader, readingOf, refuse } from "./reading-fault.ts";

export interface CloudEvent extends HookEvent<CloudEventPayload> {
  readonly provider: "cloudevents";
  /** Source and id of the event, which are one of a kind together. */
  readonly id: string;
}

/** How the sender proves itself: by one of the two. */
export interface CloudEventsProof {
  /**
   * A token that is sent as `Authorization: Bearer TOKEN`; several, while one takes the place of another. At least 16
   * characters each.
   */
  readonly token?: HookSecrets;
  /** An HMAC over the body. Events in binary mode are not taken then, as their attributes would not be signed. */
  readonly hmac?: HmacScheme;
}

/** What the handshake of HTTP webhooks grants. */
export interface CloudEventsHandshake {
  /**
   * Who may ask whether events may be sent here, by the name in `WebHook-Request-Origin`: `eventgrid.azure.net`.
   *
   * @default none; OPTIONS is not served then
   */
  readonly origins?: readonly string[];
  /** How many events a minute are granted to whoever asks. @default "*", no limit */
  readonly eventsPerMinute?: number;
}

export interface CloudEventsHookOptions
  extends HookOptions<CloudEvent>,
    CloudEventsProof,
    CloudEventsHandshake {}

/**
 * A hook for events by CloudEvents 1.0 over HTTP, in structured mode (JSON) and binary mode; batches are not taken.
 *
 * @throws FlyteError `invalid_config` unless one of `token` and `hmac` is given, with a secret that is long enough
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md
 */
export function cloudEvents(options: CloudEventsHookOptions): Hook {
  const { token, hmac, origins, eventsPerMinute, ...hookOptions } = options;
  return createHook(hookOptions, cloudEventsProvider(options, options.name));
}

interface Proved {
  readonly secret: string;
  readonly sentAt: Date | undefined;
}

interface Proof {
  readonly signsBodyOnly: boolean;
  prove(delivery: RawDelivery): Proved;
  sign(delivery: UnsignedDelivery): Readonly<Record<string, string>>;
}

/** Verifies and signs CloudEvents. */
export function cloudEventsProvider(
  options: CloudEventsProof & CloudEventsHandshake,
  hook = "cloudevents",
): HookProvider {
  const proof = readProof(hook, options);
  const origins = readOrigins(hook, options.origins ?? []);
  const rate = readRate(hook, options.eventsPerMinute);
  return {
    provider: "cloudevents",
    otherMethods: origins.size === 0 ? [] : ["OPTIONS"],
    // The specification names no time.
    answerWithinMs: 10_000,
    read: (delivery) =>
      readingOf(() =>
        delivery.method === "OPTIONS" ? shakeHands(delivery, origins, rate) : read(delivery, proof),
      ),
    sign: (delivery) => proof.sign(delivery),
    mayKeepHeader: (name) => /^(?:ce-[a-z0-9]+|webhook-request-(?:origin|rate))$/.test(name),
    withoutSecrets: (body) => body,
  };
}

function readProof(hook: string, { token, hmac }: CloudEventsProof): Proof {
  if ((token === undefined) === (hmac === undefined)) {
    const problem =
      token === undefined ? "neither token nor hmac is given" : "both token and hmac are given";
    throw new FlyteError("invalid_config", `Hook "${hook}": ${problem}. Give one of the two.`);
  }
  return hmac === undefined
    ? tokenProof(hook, token ?? "")
    : hmacProof(createHmacVerifier(hook, hmac));
}

function hmacProof(verifier: HmacVerifier): Proof {
  return {
    signsBodyOnly: true,
    prove: (delivery) => verifier.verify(delivery),
    sign: (delivery) => verifier.sign(delivery),
  };
}

function tokenProof(hook: string, token: HookSecrets): Proof {
  const rule = { hook, option: "token", source: "the sender's settings" };
  const keys = readSecrets(token, rule).map(({ name, text }) => ({ name, key: Buffer.from(text) }));
  return {
    signsBodyOnly: false,
    prove: (delivery) => {
      const given = /^bearer +(\S+)$/i.exec(provingHeader(delivery, "authorization"))?.[1];
      const secret = findToken(keys, Buffer.from(given ?? "", "latin1"));
      if (secret === undefined)
        return refuse("The header authorization has no token that is known.");
      return { secret, sentAt: undefined };
    },
    sign: ({ headers }) => ({
      ...headers,
      authorization: `Bearer ${Buffer.from(keys[0]?.key ?? "").toString("latin1")}`,
    }),
  };
}

function read(delivery: RawDelivery, proof: Proof): DeliveryReading {
  const { secret, sentAt } = proof.prove(delivery);
  const structured = isStructured(delivery);
  if (!structured && proof.signsBodyOnly) {
    return malformed(
      "In binary mode the attributes are headers, which are not signed. Send events in structured mode.",
    );
  }
  const payload = structured ? readStructured(delivery) : readBinary(delivery);
  const { type, source } = payload;
  // A source is a reference to a URI and so has no space: there is one way to take this apart.
  const id = `${source} ${payload.id}`;
  const event: CloudEvent = { provider: "cloudevents", type, id, sentAt, payload, secret };
  return { kind: "event", event };
}

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md section 4 */
function shakeHands(
  delivery: RawDelivery,
  origins: ReadonlySet<string>,
  rate: string,
): DeliveryReading {
  const origin = provingHeader(delivery, "webhook-request-origin");
  const what = "handshake";
  if (!origins.has(origin.toLowerCase())) {
    return { kind: "answer", status: 403, body: undefined, what };
  }
  const headers = {
    allow: "POST",
    "webhook-allowed-origin": origin,
    "webhook-allowed-rate": rate,
  };
  return { kind: "answer", status: 200, headers, body: undefined, what };
}

function readOrigins(hook: string, origins: readonly string[]): ReadonlySet<string> {
  for (const origin of origins) {
    if (!/^(?=.{1,253}$)[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(origin)) {
      const problem = `origins must be names of hosts such as eventgrid.azure.net, not ${JSON.stringify(origin)}`;
      throw new FlyteError("invalid_config", `Hook "${hook}": ${problem}.`);
    }
  }
  return new Set(origins.map((origin) => origin.toLowerCase()));
}

function readRate(hook: string, eventsPerMinute: number | undefined): string {
  if (eventsPerMinute === undefined) return "*";
  if (Number.isSafeInteger(eventsPerMinute) && eventsPerMinute > 0) return String(eventsPerMinute);
  const problem = `eventsPerMinute must be a whole number from 1, not ${String(eventsPerMinute)}`;
  throw new FlyteError("invalid_config", `Hook "${hook}": ${problem}.`);
}
