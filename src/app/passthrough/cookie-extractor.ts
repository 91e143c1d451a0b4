import { FlyteError } from "../../shared/errors.ts";
import type { CredentialFault, HeaderReader } from "./credential-extractor.ts";
import { checkedHeaderName, checkedPrefixText, isToken } from "./credential-names.ts";

export interface CookieExtractorOptions {
  /** Cookies that are forwarded, as a `cookie` header of these alone. @default all */
  readonly names?: readonly string[];
}

/** Takes the value of one cookie for another header. */
export interface MappedCookieOptions {
  readonly name: string;
  /** The header under which the control plane gets the value, for example `authorization`. */
  readonly forwardAs: string;
  /** Put in front of the value, for example `Bearer ` with its space. @default nothing */
  readonly prefix?: string;
}

/**
 * An extractor for cookies. Without names every cookie counts as a credential and all are forwarded,
 * those of other services on the same host among them: name the ones that the control plane reads.
 *
 * A named cookie that is sent twice is refused, as two readers could take two callers from it.
 *
 * @example
 * cookieExtractor({ names: ["flyte_session"] });
 * cookieExtractor({ name: "token", forwardAs: "authorization", prefix: "Bearer " });
 *
 * @throws FlyteError `invalid_config` for an empty list, a name that no cookie can have, or a header
 * that cannot carry a credential
 */
export function cookieExtractor(
  options: CookieExtractorOptions | MappedCookieOptions = {},
): HeaderReader {
  if ("name" in options) return mappedCookie(options);
  const { names } = options;
  if (names === undefined) return { header: "cookie", toMetadata: (value) => ["cookie", value] };
  if (names.length === 0) {
    throw new FlyteError(
      "invalid_config",
      "The names of cookieExtractor are empty; name the cookies to forward, or leave names out.",
    );
  }
  const wanted = new Set(names.map(checkedCookieName));
  return {
    header: "cookie",
    toMetadata(value) {
      const found = pick(value, wanted);
      if ("fault" in found) return found;
      const kept = [...found].map(([name, text]) => `${name}=${text}`).join("; ");
      return kept === "" ? undefined : ["cookie", kept];
    },
  };
}

function mappedCookie(options: MappedCookieOptions): HeaderReader {
  const name = checkedCookieName(options.name);
  const forwardAs = checkedHeaderName(options.forwardAs);
  const prefix = checkedPrefixText(options.prefix);
  return {
    header: "cookie",
    toMetadata(value) {
      const found = pick(value, new Set([name]));
      if ("fault" in found) return found;
      const text = found.get(name);
      return text === undefined ? undefined : [forwardAs, `${prefix}${text}`];
    },
  };
}

function checkedCookieName(name: string): string {
  if (isToken(name)) return name;
  throw new FlyteError("invalid_config", `${JSON.stringify(name)} is not the name of a cookie.`);
}

/** The wanted cookies that have a value (RFC 6265, 5.4), values untouched. */
function pick(
  header: string,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, string> | CredentialFault {
  const found = new Map<string, string>();
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(at, 0)).trim();
    if (!wanted.has(name)) continue;
    if (found.has(name)) return { fault: `The cookie ${name} was sent more than once.` };
    found.set(name, pair.slice(at + 1).trim());
  }
  for (const [name, value] of found) if (value === "") found.delete(name);
  return found;
}
