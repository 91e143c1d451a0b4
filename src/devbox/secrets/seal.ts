import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { SecretKey } from "../store/secrets.ts";

/** What a sealed value begins with; another way to seal gets another number. */
const version = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headBytes = 1 + nonceBytes + tagBytes;

/**
 * Encrypts a value with AES-256-GCM under a nonce of its own. The secret it belongs to is
 * authenticated with it, so that the value opens in no other row.
 *
 * @param key 32 bytes
 */
export function seal(key: Uint8Array, owner: SecretKey, value: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(identityOf(owner));
  const encrypted = Buffer.concat([cipher.update(value), cipher.final()]);
  return Buffer.concat([Uint8Array.of(version), nonce, cipher.getAuthTag(), encrypted]);
}

/** The value; undefined when it was sealed with another key, for another secret, or was changed. */
export function unseal(
  key: Uint8Array,
  owner: SecretKey,
  sealed: Uint8Array,
): Uint8Array | undefined {
  if (sealed.length < headBytes || sealed[0] !== version) return undefined;
  const nonce = sealed.subarray(1, 1 + nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(identityOf(owner));
  decipher.setAuthTag(sealed.subarray(1 + nonceBytes, headBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]);
  } catch {
    // The tag does not fit, which is all there is to know.
    return undefined;
  }
}

function identityOf({ project, domain, name }: SecretKey): Uint8Array {
  return Buffer.from(JSON.stringify([version, project, domain, name]));
}
