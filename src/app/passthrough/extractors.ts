import { isFramingHeader } from "../../client/credential-headers.ts";
import { FlyteError } from "../../shared/errors.ts";

/** Reads one credential out of a request's headers. */
export interface CredentialExtractor {
  /** The request header it reads, in lower case. */
  readonly header: string;
  /** The header pair to send to the control plane for this (never empty) value. */
  toMetadata(value: string): readonly [name: string, value: string];
}

export interface HeaderExtractorOptions {
  /**
   * The name under which the control plane gets the value, for example `authorization`.
   *
   * @default the name of the header itself
   */
  readonly forwardAs?: string;
  /** Put in front of the value, for example `Bearer ` with its space. @default nothing */
  readonly prefix?: string;
}

/** Headers that belong to the connection or the protocol; a caller must not set them further on. */
const reserved = /^(?:connect-|grpc-|proxy-|sec-|content-|accept|:)/;

function checkedName(header: string): string {
  const name = header.toLowerCase();
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
    throw new FlyteError("invalid_config", `"${header}" is not the name of an HTTP header.`);
  }
  if (reserved.test(name) || isFramingHeader(name)) {
    throw new FlyteError(
      "invalid_config",
      `The header ${name} belongs to the protocol and cannot carry a credential.`,
    );
  }
  return name;
}

/**
 * An extractor for any header.
 *
 * A control plane looks for its credential under `authorization`, so map other headers to it.
 *
 * @example
 * headerExtractor("x-api-key", { forwardAs: "authorization", prefix: "Bearer " });
 *
 * @throws FlyteError `invalid_config` for something that is no header name, or a header of the
 * protocol such as `content-type`
 */
export function headerExtractor(
  header: string,
  options: HeaderExtractorOptions = {},
): CredentialExtractor {
  const name = checkedName(header);
  const forwardAs = checkedName(options.forwardAs ?? name);
  const prefix = options.prefix ?? "";
  return { header: name, toMetadata: (value) => [forwardAs, `${prefix}${value}`] };
}

/** `authorization` and `cookie`, each forwarded untouched under its own name. */
export const defaultExtractors: readonly CredentialExtractor[] = [
  headerExtractor("authorization"),
  headerExtractor("cookie"),
];
