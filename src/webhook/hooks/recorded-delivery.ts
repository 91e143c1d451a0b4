import { FlyteError } from "../../shared/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../shared/json.ts";
import type { HookProvider, RawDelivery } from "./provider.ts";

/**
 * A delivery as a JSON file keeps it: what the provider said, without what proved it. It is signed anew when it is
 * sent again, so a file can lie in a repository and no secret is needed to record it.
 */
export interface RecordedDelivery {
  /** The form of the file. */
  readonly version: 1;
  /** `github`, `gitlab`, `slack`, `stripe`, `standard-webhooks`, `cloudevents`, `hmac`. */
  readonly provider: string;
  readonly method: string;
  /** Headers by their names in lower case, without signatures, credentials and what belongs to the connection. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body where it is UTF-8, as it came; one of the two. */
  readonly body?: string;
  /** The body where it is not UTF-8, in base64. */
  readonly bodyBase64?: string;
  /** When it came, as RFC 3339. */
  readonly receivedAt: string;
}

/** What of a delivery may be kept: headers that prove nothing, and the body without what is secret in it. */
export function recordDelivery(from: HookProvider, delivery: RawDelivery): RecordedDelivery {
  const names = delivery.headerNames.map((name) => name.toLowerCase());
  const headers: Record<string, string> = {};
  for (const name of [...new Set(names)].sort()) {
    const value = always.has(name) || from.mayKeepHeader(name) ? delivery.header(name) : undefined;
    if (typeof value === "string") headers[name] = value;
  }
  return {
    version: 1,
    provider: from.provider,
    method: delivery.method,
    headers,
    ...recordBody(from.withoutSecrets(delivery.body)),
    receivedAt: new Date(delivery.receivedAt).toISOString(),
  };
}

const always: ReadonlySet<string> = new Set(["content-type", "user-agent"]);

/** The bytes of the body that was recorded. */
export function bodyOf({ body, bodyBase64 }: RecordedDelivery): Uint8Array {
  return bodyBase64 === undefined
    ? new TextEncoder().encode(body ?? "")
    : new Uint8Array(Buffer.from(bodyBase64, "base64"));
}

/** Reads what a file holds. @throws FlyteError `invalid_input` naming the field and what it has to be */
export function parseRecordedDelivery(value: JsonValue): RecordedDelivery {
  if (!isJsonObject(value)) throw wrong("the file", "a JSON object");
  if (ownValue(value, "version") !== 1) throw wrong("version", "1");
  const headers = ownValue(value, "headers") ?? {};
  if (!isJsonObject(headers) || Object.values(headers).some((one) => typeof one !== "string")) {
    throw wrong("headers", "an object of texts");
  }
  const receivedAt = textOf(value, "receivedAt");
  if (Number.isNaN(Date.parse(receivedAt)))
    throw wrong("receivedAt", "a time such as 2026-01-31T09:30:00Z");
  return {
    version: 1,
    provider: textOf(value, "provider"),
    method: textOf(value, "method"),
    // Checked above: each is a text.
    headers: headers as Readonly<Record<string, string>>,
    ...readBody(value),
    receivedAt,
  };
}

function recordBody(body: Uint8Array): Pick<RecordedDelivery, "body" | "bodyBase64"> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes)
    ? { body: text }
    : { bodyBase64: bytes.toString("base64") };
}

function readBody(value: JsonObject): Pick<RecordedDelivery, "body" | "bodyBase64"> {
  const body = ownValue(value, "body");
  const bodyBase64 = ownValue(value, "bodyBase64");
  if (typeof body === "string" && bodyBase64 === undefined) return { body };
  if (typeof bodyBase64 === "string" && body === undefined && /^[\w+/]*={0,2}$/.test(bodyBase64)) {
    return { bodyBase64 };
  }
  throw wrong("body", "a text, or bodyBase64 in its place");
}

function textOf(value: JsonObject, key: string): string {
  const text = ownValue(value, key);
  if (typeof text !== "string" || text === "") throw wrong(key, "a text");
  return text;
}

function wrong(field: string, expected: string): FlyteError {
  return new FlyteError(
    "invalid_input",
    `This is not a recorded delivery: ${field} must be ${expected}.`,
  );
}
