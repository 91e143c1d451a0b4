import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/**
 * A token that stands for an API key for a while: `fwt_<id of the key>_<end>_<proof>`. Nothing of it is
 * stored. The proof is an HMAC over the rest and the hash of the key's secret, so that it ends with its
 * key; whoever has the database alone can make none.
 */
export interface AccessToken {
  readonly keyId: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly proof: string;
}

const form = /^fwt_([0-9a-f]{16})_([1-9]\d{0,14})_([A-Za-z0-9_-]{43})$/;

/** The key of the proofs, from the one that encrypts secrets. */
export function deriveTokenKey(secretKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secretKey, "", "flyte-webhook access tokens", 32));
}

/** Makes the token of a key. */
export function formatAccessToken(
  tokenKey: Uint8Array,
  key: { readonly id: string; readonly secretHash: Uint8Array },
  expiresAt: number,
): string {
  return `fwt_${key.id}_${expiresAt}_${prove(tokenKey, key.id, expiresAt, key.secretHash)}`;
}

/** Undefined when the text has not the form of a token. */
export function parseAccessToken(text: string): AccessToken | undefined {
  const [, keyId, end, proof] = form.exec(text) ?? [];
  if (keyId === undefined || proof === undefined) return undefined;
  return { keyId, expiresAt: Number(end), proof };
}

/** Whether the proof fits, in constant time. Whether the token has ended is another question. */
export function tokenMatches(
  tokenKey: Uint8Array,
  { keyId, expiresAt, proof }: AccessToken,
  secretHash: Uint8Array,
): boolean {
  const right = Buffer.from(prove(tokenKey, keyId, expiresAt, secretHash));
  const given = Buffer.from(proof);
  return right.length === given.length && timingSafeEqual(right, given);
}

function prove(
  tokenKey: Uint8Array,
  keyId: string,
  expiresAt: number,
  secretHash: Uint8Array,
): string {
  return createHmac("sha256", tokenKey)
    .update(`${keyId}.${expiresAt}.`)
    .update(secretHash)
    .digest("base64url");
}
