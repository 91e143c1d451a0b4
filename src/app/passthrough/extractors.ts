import type { HeaderReader } from "./credential-extractor.ts";
import { checkedHeaderName, checkedPrefixText } from "./credential-names.ts";

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
): HeaderReader {
  const name = checkedHeaderName(header);
  const forwardAs = checkedHeaderName(options.forwardAs ?? name);
  const prefix = checkedPrefixText(options.prefix);
  return { header: name, toMetadata: (value) => [forwardAs, `${prefix}${value}`] };
}

/** Forwards the `authorization` header untouched. */
export const authorizationExtractor: HeaderReader = headerExtractor("authorization");

/** `authorization` and `cookie`, each forwarded untouched under its own name. */
export const defaultExtractors: readonly HeaderReader[] = [
  authorizationExtractor,
  headerExtractor("cookie"),
];
