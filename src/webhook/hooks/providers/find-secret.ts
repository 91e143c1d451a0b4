import { createHash, timingSafeEqual } from "node:crypto";

/** A secret with what it takes to prove. */
export interface NamedKey<Key> {
  readonly name: string;
  readonly key: Key;
}

/** More signatures than this no provider sends; each costs a comparison. */
export const maxSignatures = 10;

/**
 * The name of the first secret whose proof is among those given. All are computed and compared, whichever fits, so
 * that time tells nothing. Proofs are compared as the texts they are sent as: two texts may stand for the same bytes.
 */
export function findSecret<Key>(
  keys: readonly NamedKey<Key>[],
  given: readonly string[],
  prove: (key: Key) => string,
): string | undefined {
  let found: string | undefined;
  for (const { name, key } of keys) {
    const right = Buffer.from(prove(key));
    for (const text of given) {
      const bytes = Buffer.from(text);
      const same = bytes.length === right.length && timingSafeEqual(bytes, right);
      if (same) found ??= name;
    }
  }
  return found;
}

/** The same for secrets that are sent themselves. Their hashes are compared, as their lengths are secret too. */
export function findToken(
  keys: readonly NamedKey<Uint8Array>[],
  given: Uint8Array,
): string | undefined {
  const hash = sha256(given);
  let found: string | undefined;
  for (const { name, key } of keys) {
    if (timingSafeEqual(sha256(key), hash)) found ??= name;
  }
  return found;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}
