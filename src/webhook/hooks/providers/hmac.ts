import { FlyteError } from "../../../shared/errors.ts";
import { isJsonArray, isJsonObject, type JsonValue, ownValue } from "../../../shared/json.ts";
import type { Hook, HookOptions } from "../hook.ts";
import type { DeliveryReading, HookEvent, HookProvider, RawDelivery } from "../provider.ts";
import { createHook } from "./create-hook.ts";
import { formOf, formType, isJsonType, jsonOf, mediaTypeOf, textBody } from "./delivery-body.ts";
import {
  createHmacVerifier,
  type HmacScheme,
  type HmacVerifier,
  optionalHeader,
} from "./hmac-scheme.ts";
import { malformed, readingOf, tellingHeader } from "./reading-fault.ts";

/** `payload` is the JSON of the body, the fields of a form, or a text. */
export interface HmacEvent extends HookEvent {
  readonly provider: "hmac";
}

/** Where a delivery says what it is. */
export interface HmacEventOptions {
  /** A header with the type of the event: `x-event`. */
  readonly typeHeader?: string;
  /** Where the body has the type, as a JSON pointer (RFC 6901): `/event/type`. */
  readonly typePointer?: string;
}

export interface HmacHookOptions extends HookOptions<HmacEvent>, HmacScheme, HmacEventOptions {}

/**
 * A hook for whoever signs with an HMAC in a way of their own. Without `typeHeader` and `typePointer` each event's
 * type is `delivery`. What no header for an id is named for cannot be told from a delivery that is sent again.
 *
 * @throws FlyteError `invalid_config` for a secret that is missing or too short, or a scheme that does not hold together
 * @example
 * ```ts
 * hmac({
 *   name: "billing",
 *   secret: process.env.BILLING_SECRET ?? "",
 *   header: "x-billing-signature",
 *   timestampHeader: "x-billing-time",
 *   idHeader: "x-billing-id",
 *   signed: "{id}.{timestamp}.{body}",
 *   typePointer: "/type",
 *   runAs: { token: process.env.FLYTE_API_KEY ?? "" },
 *   start: (event) => (event.type === "invoice.due" ? { task: "billing.remind" } : undefined),
 * });
 * ```
 */
export function hmac(options: HmacHookOptions): Hook {
  const { secret, header, algorithm, encoding, prefix, ...withoutSignature } = options;
  const { timestampHeader, idHeader, signed, toleranceSeconds, ...withoutScheme } =
    withoutSignature;
  const { typeHeader, typePointer, ...hookOptions } = withoutScheme;
  return createHook(hookOptions, hmacProvider(options, options.name));
}

/** Verifies and signs deliveries by a scheme of one's own. */
export function hmacProvider(options: HmacScheme & HmacEventOptions, hook = "hmac"): HookProvider {
  const verifier = createHmacVerifier(hook, options);
  const typeHeader = optionalHeader(hook, "typeHeader", options.typeHeader);
  const kept = new Set([typeHeader, options.idHeader?.toLowerCase()]);
  const { typePointer } = options;
  if (typePointer !== undefined && !/^(?:\/(?:[^~/]|~[01])*)+$/.test(typePointer)) {
    const problem = `typePointer must be a JSON pointer such as /event/type, not ${JSON.stringify(typePointer)}`;
    throw new FlyteError("invalid_config", `Hook "${hook}": ${problem}.`);
  }
  const typeOf = (delivery: RawDelivery, payload: JsonValue): string => {
    if (typeHeader !== undefined) {
      return (
        tellingHeader(delivery, typeHeader) ?? malformed(`The header ${typeHeader} is missing.`)
      );
    }
    if (typePointer === undefined) return "delivery";
    const type = pointTo(payload, typePointer);
    return typeof type === "string" && type !== ""
      ? type
      : malformed(`The body has no text at ${typePointer}.`);
  };
  return {
    provider: "hmac",
    otherMethods: [],
    answerWithinMs: 10_000,
    read: (delivery) => readingOf(() => read(delivery, verifier, typeOf)),
    sign: (delivery) => verifier.sign(delivery),
    mayKeepHeader: (name) => kept.has(name),
    withoutSecrets: (body) => body,
  };
}

function read(
  delivery: RawDelivery,
  verifier: HmacVerifier,
  typeOf: (delivery: RawDelivery, payload: JsonValue) => string,
): DeliveryReading {
  const proof = verifier.verify(delivery);
  const payload = payloadOf(delivery);
  const type = typeOf(delivery, payload);
  const event: HmacEvent = { provider: "hmac", type, payload, ...proof };
  return { kind: "event", event };
}

function payloadOf(delivery: RawDelivery): JsonValue {
  const mediaType = mediaTypeOf(delivery);
  if (mediaType === "" || isJsonType(mediaType)) return jsonOf(textBody(delivery.body));
  if (mediaType === formType) return Object.fromEntries(formOf(delivery.body));
  if (mediaType.startsWith("text/")) return textBody(delivery.body);
  return malformed(`The content type must be JSON, ${formType} or text.`);
}

function pointTo(value: JsonValue, pointer: string): JsonValue | undefined {
  const steps = pointer.slice(1).split("/");
  return steps.reduce<JsonValue | undefined>((at, step) => {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (isJsonObject(at)) return ownValue(at, key);
    return isJsonArray(at) && /^(?:0|[1-9]\d{0,6})$/.test(key) ? at[Number(key)] : undefined;
  }, value);
}
