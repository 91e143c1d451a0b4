import { isFramingHeader } from "../../client/credential-headers.ts";
import { FlyteError } from "../../shared/errors.ts";

/** Headers that belong to the connection or the protocol; a caller must not set them further on. */
const reserved = /^(?:connect-|grpc-|proxy-|sec-|content-|accept|:)/;

/** Visible ASCII and inner spaces. */
const visibleAscii = /^[\x20-\x7e]*$/;

/**
 * A header name in lower case.
 *
 * @throws FlyteError `invalid_config` for what is no header name or cannot carry a credential
 */
export function checkedHeaderName(header: string): string {
  const name = String(header).toLowerCase();
  if (!isToken(name)) {
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

/** Whether a text is a token (RFC 9110, 5.6.2), as the names of headers and cookies are. */
export function isToken(text: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text);
}

export function isVisibleAscii(value: string): boolean {
  return visibleAscii.test(value);
}

/**
 * Text to put in front of credentials.
 *
 * @throws FlyteError `invalid_config` for a prefix that no header value may begin with
 */
export function checkedPrefixText(prefix = ""): string {
  if (isVisibleAscii(prefix) && !prefix.startsWith(" ")) return prefix;
  throw new FlyteError(
    "invalid_config",
    `The prefix ${JSON.stringify(prefix)} must be visible ASCII and not begin with a space.`,
  );
}
