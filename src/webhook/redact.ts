import type { AuthMetadata } from "../client/auth-metadata.ts";

/** Shorter texts are no secrets worth the name, and occur by chance. */
const minLength = 8;

/** The texts that would give a credential away: each header value, and the parts it is made of. */
function secretsOf(metadata: AuthMetadata): readonly string[] {
  const texts = metadata.flatMap(([, value]) => [
    value,
    ...value.split(/[\s;,]+/).flatMap((part) => [part, part.slice(part.indexOf("=") + 1)]),
  ]);
  const secrets = new Set(texts.filter((text) => text.length >= minLength));
  return [...secrets].sort((left, right) => right.length - left.length);
}

/**
 * Takes the caller's credential out of texts that others wrote: a control plane, or what stands in
 * front of it, may quote in its errors what it was sent.
 */
export function redactor(metadata: AuthMetadata | null | undefined): (text: string) => string {
  if (metadata == null) return (text) => text; // undefined on what no hook has seen
  const secrets = secretsOf(metadata);
  return (text) =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, "[credential]"), text);
}
