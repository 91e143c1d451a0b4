import { BlockList, isIP } from "node:net";
import { parseEndpoint } from "../../client/endpoint.ts";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);
loopback.addSubnet("0.0.0.0", 8);
loopback.addAddress("::1", "ipv6");
loopback.addAddress("::", "ipv6");

/** Where clouds tell a machine its own credentials. No app lives there. */
const linkLocal = new BlockList();
linkLocal.addSubnet("169.254.0.0", 16);
linkLocal.addSubnet("fe80::", 10, "ipv6");
linkLocal.addAddress("fd00:ec2::254", "ipv6");

/** Decides whether an app may be at an address. */
export type AddressRule = (address: string) => boolean;

/**
 * Apps are where the control plane says, private addresses included; only one on this machine may
 * speak of apps on this machine.
 */
export function createAddressRule(controlPlane: string): AddressRule {
  const isLocal = parseEndpoint(controlPlane).loopback;
  return (address) => {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (linkLocal.check(address, family)) return false;
    return isLocal || !loopback.check(address, family);
  };
}

/** Base address of an app, from what the control plane tells; undefined for one that cannot be called. */
export function toAppBase(endpoint: string, isAllowed: AddressRule): URL | undefined {
  if (!/^https?:\/\/[^/\\@]+(?:\/[!-~]*)?$/i.test(endpoint) || /[\\#?]/.test(endpoint)) return;
  if (!URL.canParse(endpoint)) return;
  const url = new URL(endpoint);
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  return isIP(host) === 0 || isAllowed(host) ? url : undefined;
}

/**
 * The address at an app, of a path that has been found right.
 *
 * @returns undefined when it would not be the app's own
 */
export function toAppUrl(base: URL, path: string, query: string): URL | undefined {
  const folder = base.pathname.replace(/\/+$/, "");
  // Spaces at the end of an address would be dropped.
  const written = path.replace(/^\//, "").replaceAll(" ", "%20");
  const given = `${base.origin}${folder}/${written}`;
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.origin !== base.origin || url.username !== "" || url.hash !== "") return;
  if (!url.pathname.startsWith(`${folder}/`)) return;
  if (query !== "") url.search = url.search === "" ? query : `${url.search}&${query}`;
  return url;
}

/** Whether a credential may travel to an address: encrypted, or within this machine. */
export function isConfidential({ protocol, origin }: URL): boolean {
  return protocol === "https:" || parseEndpoint(origin).loopback;
}
