import { isIP } from "node:net";

/**
 * Whether a request's `Host` names this machine, so that a page of another site whose name was
 * made to resolve here (DNS rebinding) is not served. Loopback names and addresses, anything below
 * `localhost`, and the address the connection came in on are fine; any other name is not.
 */
export function isAllowedHost(
  host: string | undefined,
  localAddress: string | undefined,
  boundHost: string,
): boolean {
  const name = hostName(host);
  if (name === undefined) return false;
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (name === boundHost.toLowerCase()) return true;
  if (isIP(name) === 0) return false;
  return /^127\./.test(name) || name === "::1" || name === plainAddress(localAddress);
}

/** The name without port and brackets, in lower case. */
function hostName(host: string | undefined): string | undefined {
  if (host === undefined) return undefined;
  const [, bracketed, plain] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::\d{1,5})?$/.exec(host) ?? [];
  return (bracketed ?? plain)?.toLowerCase();
}

/** An IPv4 address in a socket for both families has a prefix. */
function plainAddress(address: string | undefined): string | undefined {
  return address?.replace(/^::ffff:/, "").toLowerCase();
}
