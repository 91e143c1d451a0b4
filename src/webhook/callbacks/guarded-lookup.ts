import type { LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { buildConnector } from "undici";
import { lookupHost } from "../../shared/lookup-host.ts";
import { kindOfAddress } from "../../shared/public-address.ts";

/** A connection that is not made, since it would go where no callback may. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused";

  constructor() {
    super("The host is at an address that callbacks may not go to.");
  }
}

/** What may be dialled. */
export interface AddressRules {
  /** Whether an address that is not public may be dialled all the same. */
  readonly isPrivateAllowed: (address: string) => boolean;
}

/**
 * Finds the addresses of a host for one connection. All of them are judged, at the moment in which one of them is dialled, so that
 * there is no time in which the answer could change. A host with addresses of both kinds, public and not, is refused.
 *
 * @param scheme - without TLS nothing public is dialled
 */
export function guardedLookup(
  scheme: string,
  rules: AddressRules,
  lookup: LookupFunction = lookupHost,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [], 0);
      const addresses: readonly LookupAddress[] = typeof found === "string" ? [] : found;
      if (
        !mayDial(
          scheme,
          addresses.map(({ address }) => address),
          rules,
        )
      ) {
        return callback(new AddressRefused(), [], 0);
      }
      const [first] = addresses;
      if (options.all === true) callback(null, [...addresses]);
      else callback(null, first?.address ?? "", first?.family ?? 0);
    });
  };
}

function mayDial(
  scheme: string,
  addresses: readonly string[],
  { isPrivateAllowed }: AddressRules,
): boolean {
  const kinds = addresses.map((address) => {
    const kind = kindOfAddress(address);
    return kind === "private" && !isPrivateAllowed(address) ? "special" : kind;
  });
  const [first] = kinds;
  if (first === undefined || first === "special") return false;
  if (scheme !== "https:" && first === "public") return false;
  return kinds.every((kind) => kind === first);
}

/** Makes connections to hosts whose addresses may be dialled, and no others. */
export function guardedConnector(
  rules: AddressRules,
  timeoutMs: number,
  lookup?: LookupFunction,
): buildConnector.connector {
  const connectors = new Map(
    ["http:", "https:"].map((scheme) => [
      scheme,
      buildConnector({
        lookup: guardedLookup(scheme, rules, lookup),
        timeout: timeoutMs,
        allowH2: false,
      }),
    ]),
  );
  return (options, callback) => {
    const { protocol, hostname } = options;
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const connect = connectors.get(protocol);
    // What is an address is dialled without being looked up.
    const isRefused = isIP(host) !== 0 && !mayDial(protocol, [host], rules);
    if (connect === undefined || isRefused) callback(new AddressRefused(), null);
    else connect(options, callback);
  };
}
