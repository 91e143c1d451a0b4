import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import { FlyteError } from "../../shared/errors.ts";

/**
 * The address of a webhook, without a slash at its end.
 *
 * @throws FlyteError `invalid_config` for what is no http(s) address of its own, and for plain HTTP to another machine:
 * credentials of callers are sent there
 */
export function parseWebhookAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw invalid("is no http or https address");
  }
  if (url.username !== "" || url.password !== "") throw invalid("must not hold credentials");
  if (url.search !== "" || url.hash !== "") throw invalid("must not have a query or a fragment");
  if (url.protocol === "http:" && !isOfThisMachine(hostOf(url))) {
    throw invalid("is plain HTTP to another machine, to which no credential is sent");
  }
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

/** The host without the brackets of IPv6. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

function isOfThisMachine(host: string): boolean {
  if (/^(?:.+\.)?localhost\.?$/.test(host)) return true;
  if (isIP(host) === 0) return false;
  if (/^127\./.test(host) || ["::1", "0.0.0.0", "::"].includes(host)) return true;
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .some(({ address }) => address === host);
}

function invalid(rule: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `The address of the webhook ${rule}. Give one such as http://localhost:8080 or https://webhook.example.com.`,
  );
}
