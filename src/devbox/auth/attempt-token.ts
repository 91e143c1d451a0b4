import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/**
 * What an attempt of an action calls the control plane with: `fwa_<action>_<attempt>_<proof>`. Nothing
 * of it is stored. The proof is an HMAC; whether the attempt still runs is asked at each call.
 */
export interface AttemptToken {
  /** Row number of the action. */
  readonly action: number;
  readonly attempt: number;
  readonly proof: string;
}

const form = /^fwa_([1-9]\d{0,14})_([1-9]\d{0,8})_([A-Za-z0-9_-]{43})$/;

/** The key of the proofs, from the one that encrypts secrets. */
export function deriveAttemptKey(secretKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secretKey, "", "flyte-webhook attempt tokens", 32));
}

/** Makes the token of an attempt. */
export function formatAttemptToken(key: Uint8Array, action: number, attempt: number): string {
  return `fwa_${action}_${attempt}_${prove(key, action, attempt)}`;
}

/** Undefined when the text has not the form of a token. */
export function parseAttemptToken(text: string): AttemptToken | undefined {
  const [, action, attempt, proof] = form.exec(text) ?? [];
  if (proof === undefined) return undefined;
  return { action: Number(action), attempt: Number(attempt), proof };
}

/** Whether the proof fits, in constant time. Whether the attempt still runs is another question. */
export function attemptTokenMatches(key: Uint8Array, token: AttemptToken): boolean {
  const right = Buffer.from(prove(key, token.action, token.attempt));
  const given = Buffer.from(token.proof);
  return right.length === given.length && timingSafeEqual(right, given);
}

function prove(key: Uint8Array, action: number, attempt: number): string {
  return createHmac("sha256", key).update(`${action}.${attempt}`).digest("base64url");
}
