import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { CredentialExtractor } from "./extractors.ts";

/** What the headers of a request say about the caller's credential. */
export type CredentialReading =
  | { readonly kind: "present"; readonly metadata: AuthMetadata }
  | { readonly kind: "absent" }
  /** Present but not to be trusted; `reason` names the header, never its value. */
  | { readonly kind: "refused"; readonly reason: string };

const visibleAscii = /^[\x20-\x7e]*$/;

/** A scheme alone, as clients send when their token variable is empty. */
const emptyScheme = /^(?:bearer|basic|token)$/i;

/**
 * Reads the caller's credential from raw headers (name, value, name, value, … as
 * `IncomingMessage.rawHeaders` has them), so that a header sent twice is seen twice.
 *
 * Empty values, and an `authorization` of a scheme without a token, count as absent. A credential
 * header that is sent more than once, or holds anything but visible ASCII, is refused: two readers
 * could take two different callers from it.
 */
export function readCredentials(
  rawHeaders: readonly string[],
  extractors: readonly CredentialExtractor[],
): CredentialReading {
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    if (!extractors.some((extractor) => extractor.header === name)) continue;
    if (values.has(name)) {
      return { kind: "refused", reason: `The header ${name} was sent more than once.` };
    }
    const value = (rawHeaders[index + 1] ?? "").trim();
    if (!visibleAscii.test(value)) {
      return {
        kind: "refused",
        reason: `The header ${name} holds a character that is not visible ASCII.`,
      };
    }
    values.set(name, value);
  }
  const metadata: (readonly [string, string])[] = [];
  for (const extractor of extractors) {
    const value = values.get(extractor.header) ?? "";
    if (value === "") continue;
    if (extractor.header === "authorization" && emptyScheme.test(value)) continue;
    metadata.push(extractor.toMetadata(value));
  }
  return metadata.length === 0 ? { kind: "absent" } : { kind: "present", metadata };
}
