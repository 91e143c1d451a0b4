import { toAttributeText } from "./attribute-text.ts";

/** As much of a version as tells it from others: `ts-` and eight digits of a fingerprint, for one. */
const longest = 12;

export function shortenVersion(version: string): string {
  return toAttributeText(version, longest);
}
