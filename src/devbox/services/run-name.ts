import { randomBytes } from "node:crypto";
import { fnv64a } from "./inputs-hash.ts";

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

/**
 * The name of the run that a trigger starts at an instant, always the same, so that a second start of it
 * finds the first: `r` and the FNV-64a hash of trigger and time in hexadecimal, as a control plane names it.
 */
export function triggeredRunName(
  trigger: {
    readonly project: string;
    readonly domain: string;
    readonly task_name: string;
    readonly name: string;
  },
  at: number,
): string {
  const time = new Date(at);
  const parts = [
    trigger.project,
    trigger.domain,
    trigger.task_name,
    trigger.name,
    time.getUTCFullYear(),
    time.getUTCMonth() + 1,
    time.getUTCDate(),
    time.getUTCHours(),
    time.getUTCMinutes(),
    time.getUTCSeconds(),
  ];
  return `r${fnv64a(Buffer.from(parts.join(":"))).toString(16)}`;
}
