import { hash } from "node:crypto";
import { FlyteError } from "../shared/errors.ts";
import type { AuthMetadata } from "./auth-metadata.ts";

/** Headers that frame or route a request. A credential must not be able to replace them. */
const reserved = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-request-id",
]);

/** Whether a header frames or routes a request, so that it cannot carry a credential. */
export function isFramingHeader(name: string): boolean {
  return reserved.has(name);
}

/** What is derived from a list of credential headers, at most once. */
interface Derived {
  readonly headers: readonly string[];
  key: string | undefined;
}

/** One map: each entry costs the garbage collector more than it costs to make. */
const derived = new WeakMap<AuthMetadata, Derived>();
const none: readonly string[] = [];

/**
 * Credential headers as a flat list of names and values, ready to send. Of a name given twice the
 * last value counts. The same list object is checked once.
 *
 * @throws FlyteError `invalid_input` for a name that is no header name or frames the request, and
 * for a value with anything but visible ASCII and inner spaces
 */
export function toCredentialHeaders(metadata: AuthMetadata | undefined): readonly string[] {
  if (metadata === undefined) return none;
  return derive(metadata).headers;
}

/** A hash that tells two credentials apart without revealing either; empty for none. */
export function toCredentialKey(metadata: AuthMetadata | undefined): string {
  if (metadata === undefined || metadata.length === 0) return "";
  const known = derive(metadata);
  known.key ??= hash("sha256", JSON.stringify(known.headers), "base64");
  return known.key;
}

function derive(metadata: AuthMetadata): Derived {
  let known = derived.get(metadata);
  if (known === undefined) {
    known = { headers: check(metadata), key: undefined };
    derived.set(metadata, known);
  }
  return known;
}

function check(metadata: AuthMetadata): readonly string[] {
  const byName = new Map<string, string>();
  for (const [name, value] of metadata) {
    const lower = name.toLowerCase();
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(lower)) {
      throw refuse(`Credential header name ${JSON.stringify(name)} is not a header name.`);
    }
    if (reserved.has(lower) || lower.startsWith("connect-")) {
      throw refuse(`Header ${lower} belongs to the protocol and cannot carry a credential.`);
    }
    // The value itself is a secret and stays out of the message.
    if (!/^[!-~](?:[ -~]*[!-~])?$/.test(value)) {
      throw refuse(
        `The value of credential header ${lower} is empty or has characters outside visible ASCII.`,
      );
    }
    byName.set(lower, value);
  }
  return [...byName].flat();
}

function refuse(message: string): FlyteError {
  return new FlyteError("invalid_input", message);
}
