import { createHash } from "node:crypto";

/** The provider's id of the delivery that started a run, as far as a label can say it. */
export const deliveryLabel = "flyte-webhook/delivery";

const longest = 63;

/**
 * A text as the value of a label (Kubernetes: up to 63 letters, digits, `-`, `_` and `.`, a letter or digit at both
 * ends). Another text than it was ends with eight digits of its hash, so that two stay two.
 */
export function toLabelValue(text: string): string {
  const plain = /^[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?$/;
  if (plain.test(text)) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const shown = text
    .replaceAll(/[^\w.-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, longest - 1 - hash.length);
  return shown === "" ? hash : `${shown}-${hash}`;
}
