import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { Credential, CredentialFault, HeaderReader } from "./credential-extractor.ts";
import { isVisibleAscii } from "./credential-names.ts";

/** What a request says about the caller's credential. */
export type CredentialReading =
  | { readonly kind: "present"; readonly metadata: AuthMetadata }
  | { readonly kind: "absent" }
  /** Present but not to be trusted; `reason` names the header, never its value. */
  | { readonly kind: "refused"; readonly reason: string };

/** What one extractor found. */
export type Extraction = Credential | CredentialFault | undefined;

/** A scheme alone, as clients send when their token variable is empty. */
const emptyScheme = /^(?:bearer|basic|token)$/i;

/**
 * Reads the caller's credential from raw headers (name, value, name, value, … as
 * `IncomingMessage.rawHeaders` has them), so that a header sent twice is seen twice.
 *
 * Empty values, and an `authorization` of a scheme without a token, count as absent. A credential
 * header that is sent more than once, or holds anything but visible ASCII, is refused: two readers
 * could take two different callers from it.
 *
 * @param merged whether repeated headers were joined with commas, as Fetch does: a comma then tells
 * that a header may have been sent twice. Cookies are joined with semicolons, like those of one header.
 */
export function readCredentials(
  rawHeaders: readonly string[],
  readers: readonly HeaderReader[],
  merged = false,
): CredentialReading {
  const names = readers.map(({ header }) => header);
  const values = collectValues(rawHeaders, names, merged);
  if ("fault" in values) return { kind: "refused", reason: values.fault };
  return conclude(readers.map((reader) => extract(reader, values)));
}

/** The trimmed value of each of the headers that was sent; a fault when one cannot be trusted. */
export function collectValues(
  rawHeaders: readonly string[],
  names: readonly string[],
  merged: boolean,
): ReadonlyMap<string, string> | CredentialFault {
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    if (!names.includes(name)) continue;
    const value = (rawHeaders[index + 1] ?? "").trim();
    if (values.has(name) || (merged && name !== "cookie" && value.includes(","))) {
      return { fault: `The header ${name} was sent more than once.` };
    }
    if (!isVisibleAscii(value)) {
      return { fault: `The header ${name} holds a character that is not visible ASCII.` };
    }
    values.set(name, value);
  }
  return values;
}

/** What a ready extractor finds among the collected values. */
export function extract(reader: HeaderReader, values: ReadonlyMap<string, string>): Extraction {
  const value = values.get(reader.header) ?? "";
  if (value === "") return undefined;
  if (reader.header === "authorization" && emptyScheme.test(value)) return undefined;
  return reader.toMetadata(value);
}

/** All that was found, in the order of the extractors, unless one found a fault. */
export function conclude(extractions: readonly Extraction[]): CredentialReading {
  const metadata: Credential[] = [];
  for (const extraction of extractions) {
    if (extraction === undefined) continue;
    if ("fault" in extraction) return { kind: "refused", reason: extraction.fault };
    metadata.push(extraction);
  }
  return metadata.length === 0 ? { kind: "absent" } : { kind: "present", metadata };
}
