import { createHmac, createPublicKey, type KeyObject, verify } from "node:crypto";
import { FlyteError } from "../../../shared/errors.ts";
import type { HookSecrets } from "../hook.ts";
import type { RawDelivery, UnsignedDelivery } from "../provider.ts";
import { findSecret, maxSignatures, type NamedKey } from "./find-secret.ts";
import { fault, readSecrets, type SecretRule } from "./hook-secrets.ts";
import { provingHeader, refuse } from "./reading-fault.ts";
import { checkAge, parseSeconds, toSeconds } from "./sent-at.ts";

// Signatures by https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: over
// `id.timestamp.body`, where neither of the first two has a dot, so that there is one way to take it apart.

/** What proves by Standard Webhooks. */
export interface WebhookKeys {
  readonly shared: readonly NamedKey<Uint8Array>[];
  readonly public: readonly NamedKey<KeyObject>[];
}

/** What a delivery says of itself that its signature covers. */
export interface SignedMessage {
  readonly secret: string;
  readonly id: string;
  readonly sentAt: Date;
}

/** Reads secrets in base64, with or without `whsec_`, and public keys behind `whpk_`. @throws FlyteError `invalid_config` */
export function readWebhookKeys(secrets: HookSecrets, rule: SecretRule): WebhookKeys {
  const all = readSecrets(secrets, rule);
  const isPublic = ({ text }: { readonly text: string }): boolean => text.startsWith("whpk_");
  return {
    shared: all
      .filter((secret) => !isPublic(secret))
      .map(({ name, text }) => ({ name, key: sharedKey(text, name, rule) })),
    public: all
      .filter(isPublic)
      .map(({ name, text }) => ({ name, key: publicKey(text, name, rule) })),
  };
}

/**
 * Verifies the headers `PREFIX-id`, `PREFIX-timestamp` and `PREFIX-signature`.
 *
 * @param prefix `webhook`, or `svix` for those who sent before there was a standard
 */
export function verifyMessage(
  delivery: RawDelivery,
  keys: WebhookKeys,
  { prefix, toleranceMs }: { readonly prefix: string; readonly toleranceMs: number },
): SignedMessage {
  const id = provingHeader(delivery, `${prefix}-id`);
  const timestamp = provingHeader(delivery, `${prefix}-timestamp`);
  const given = provingHeader(delivery, `${prefix}-signature`).split(" ");
  if (!/^[\x21-\x2d\x2f-\x7e]{1,256}$/.test(id)) {
    refuse(`The header ${prefix}-id must be 1 to 256 visible ASCII characters without a dot.`);
  }
  const sentAt = parseSeconds(timestamp);
  if (given.length > maxSignatures)
    refuse(`The header ${prefix}-signature has too many signatures.`);
  const content = contentOf(id, timestamp, delivery.body);
  const secret =
    findSecret(keys.shared, given, (key) => `v1,${hmac(key, content)}`) ??
    findPublicKey(keys.public, given, content);
  if (secret === undefined) {
    return refuse(`The header ${prefix}-signature does not fit the body and the secret.`);
  }
  checkAge(sentAt, delivery.receivedAt, toleranceMs);
  return { secret, id, sentAt };
}

/** The three headers that prove a message. @throws FlyteError `invalid_config` where there is no shared secret */
export function signMessage(
  id: string,
  { body, sentAt }: Pick<UnsignedDelivery, "body" | "sentAt">,
  { shared: [first] }: WebhookKeys,
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  if (first === undefined) {
    const problem = "a public key proves signatures and makes none";
    throw new FlyteError("invalid_config", `${problem}. Give a secret that begins with whsec_.`);
  }
  const timestamp = toSeconds(sentAt);
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${hmac(first.key, contentOf(id, timestamp, body))}`,
  };
}

function contentOf(id: string, timestamp: string, body: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
}

function hmac(key: Uint8Array, content: Uint8Array): string {
  return createHmac("sha256", key).update(content).digest("base64");
}

function findPublicKey(
  keys: readonly NamedKey<KeyObject>[],
  given: readonly string[],
  content: Uint8Array,
): string | undefined {
  for (const text of given) {
    if (!/^v1a,[A-Za-z0-9+/]{86}==$/.test(text)) continue;
    const bytes = Buffer.from(text.slice(4), "base64");
    // One text for one signature.
    if (bytes.toString("base64") !== text.slice(4)) continue;
    for (const { name, key } of keys) if (verify(null, content, key, bytes)) return name;
  }
  return undefined;
}

/** The standard asks for at least 24 bytes and at most 64. */
function sharedKey(text: string, name: string, rule: SecretRule): Uint8Array {
  const key = base64(text.replace(/^whsec_/, ""));
  if (key !== undefined && key.length >= 24) return key;
  throw fault(
    rule,
    `secret "${name}" is not the base64 of at least 24 bytes`,
    `Give the one of ${rule.source} as it is, with whsec_ before it`,
  );
}

/** How a public key of ed25519 begins in DER (RFC 8410, section 4). */
const spki = Buffer.from("302a300506032b6570032100", "hex");

function publicKey(text: string, name: string, rule: SecretRule): KeyObject {
  const key = base64(text.replace(/^whpk_/, ""));
  if (key?.length === 32) {
    return createPublicKey({ key: Buffer.concat([spki, key]), format: "der", type: "spki" });
  }
  throw fault(
    rule,
    `public key "${name}" is not the base64 of 32 bytes`,
    `Give the one of ${rule.source} as it is`,
  );
}

function base64(text: string): Uint8Array | undefined {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, "base64") : undefined;
}
