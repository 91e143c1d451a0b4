import { FlyteError } from "../../shared/errors.ts";
import { parseEndpoint } from "../endpoint.ts";

/**
 * Checks an address that secrets are sent to: encrypted, or on this machine.
 *
 * @param what how the error names it, for example `token endpoint`
 * @throws FlyteError `invalid_config` for anything else
 */
export function toSafeUrl(text: string, what: string): URL {
  if (text === "") {
    throw new FlyteError(
      "invalid_config",
      `The control plane names no ${what}, so this authType cannot be used with it. Use an API key or another authType.`,
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || !isSafe(url)) {
    throw new FlyteError(
      "invalid_config",
      `The control plane's ${what} is not a safe address: expected https://, or http:// on this machine.`,
    );
  }
  return url;
}

function isSafe(url: URL): boolean {
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && parseEndpoint(url.origin).loopback;
}
