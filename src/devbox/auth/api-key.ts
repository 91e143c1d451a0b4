import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { splitApiKey } from "../../values/api-key-text.ts";

/**
 * An API key as its owner holds it: `fwk_<id>_<secret>`, or in the form of Flyte's SDKs with the id as
 * the client id. The id finds the stored key, the secret proves it; only a hash of the secret is stored.
 */
export interface ApiKey {
  /** 16 hexadecimal digits, not secret. */
  readonly id: string;
  /** 43 characters of base64url: 32 random bytes. */
  readonly secret: string;
}

const form = /^fwk_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

/** A new random key; nothing is stored. */
export function generateApiKey(): ApiKey {
  return { id: randomBytes(8).toString("hex"), secret: randomBytes(32).toString("base64url") };
}

/** The key as text, the form that {@link parseApiKey} reads. */
export function formatApiKey({ id, secret }: ApiKey): string {
  return `fwk_${id}_${secret}`;
}

/** A longer text would cost more to read than a key does. */
const maxLength = 2_048;

/** Undefined when the text has the form of neither kind of key. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = form.exec(toPlainForm(text)) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/**
 * Of the form of Flyte's SDKs, client id and secret. The endpoint in it tells clients where to go;
 * a control plane has many names.
 */
function toPlainForm(text: string): string {
  if (text.startsWith("fwk_") || text.length > maxLength) return text;
  const [, id, secret, org] = splitApiKey(text) ?? [];
  return org === undefined ? text : `fwk_${id}_${secret}`;
}

/** A random secret of 256 bits needs no salt and no slow hash. */
export function hashSecret(secret: string): Uint8Array {
  return createHash("sha256").update(secret, "utf8").digest();
}

/** Compares in constant time and never throws. */
export function secretMatches(secret: string, hash: Uint8Array): boolean {
  const given = hashSecret(secret);
  return given.length === hash.length && timingSafeEqual(given, hash);
}
