import { randomBytes } from "node:crypto";

const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const length = 19;

/** A name for a run that has none: `r` and 19 characters that spell no words, as Kubernetes makes names. */
export function createRunName(): string {
  let name = "r";
  while (name.length <= length) {
    for (const byte of randomBytes(32)) {
      // Bytes above the largest multiple of the alphabet's length would favour its first letters.
      if (byte >= 256 - (256 % alphabet.length) || name.length > length) continue;
      name += alphabet[byte % alphabet.length];
    }
  }
  return name;
}
