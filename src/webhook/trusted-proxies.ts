import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { FlyteError } from "../shared/errors.ts";

function isAddressOrRange(entry: unknown): boolean {
  if (typeof entry !== "string") return false;
  const [, address = "", prefix] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const version = isIP(address);
  const bits = Number(prefix ?? 1);
  return version !== 0 && bits >= 1 && bits <= (version === 4 ? 32 : 128);
}

/**
 * Addresses and CIDR ranges of proxies.
 *
 * @throws FlyteError `invalid_config` for anything else, such as a host name or the range of everybody
 */
export function checkedProxies(proxies: readonly string[] = []): readonly string[] {
  for (const entry of proxies) {
    if (isAddressOrRange(entry)) continue;
    throw new FlyteError(
      "invalid_config",
      `${JSON.stringify(entry)} in trustedProxies is not an IP address or CIDR range. Write for example 10.0.0.7 or 10.0.0.0/8.`,
    );
  }
  return proxies;
}

/**
 * The address a request came from, for the log: what trusted proxies say, as long as it is an
 * address, else the peer's own.
 */
export function clientAddress({ ip, socket }: FastifyRequest): string | null {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? null) : ip;
}
