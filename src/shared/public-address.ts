import { BlockList, isIP } from "node:net";

/**
 * Whom an IP address belongs to. `public`: somebody on the Internet. `private`: this machine, or a network of its
 * operator. `special`: nobody a request should go to, wherever it comes from; the addresses at which clouds tell
 * machines their credentials are among them.
 */
export type AddressKind = "public" | "private" | "special";

// By the registries of special-purpose addresses of IANA (RFC 6890 and what followed).
const privateV4 = ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const specialV4 = [
  ...["0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24"],
  ...["198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  // Public by its number, and answered by each machine of Azure.
  "168.63.129.16/32",
];
/** What of 2000::/3, all that is public, is not: protocols (Teredo), documentation, 6to4. */
const specialV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];
/** Where AWS tells credentials. */
const metadataV6 = "fd00:ec2::/32";

/** The kind of an address as resolvers write it; `special` for what is none. */
export function kindOfAddress(address: string): AddressKind {
  switch (isIP(address)) {
    case 4:
      return kindOfV4(address);
    case 6:
      return kindOfV6(address);
    default:
      return "special";
  }
}

/** Whether an address is in one of the ranges, an IPv4 address written as one of IPv6 included. */
export function compileRanges(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", bits] = range.split("/");
    const family = isIP(network) === 4 ? "ipv4" : "ipv6";
    list.addSubnet(network, Number(bits ?? (family === "ipv4" ? 32 : 128)), family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? "ipv4" : "ipv6");
  };
}

const inPrivateV4 = compileRanges(privateV4);
const inSpecialV4 = compileRanges(specialV4);
const inPublicV6 = compileRanges(["2000::/3"]);
const inSpecialV6 = compileRanges(specialV6);
const inPrivateV6 = compileRanges(["fc00::/7", "::1/128"]);
const inMetadataV6 = compileRanges([metadataV6]);

function kindOfV4(address: string): AddressKind {
  if (inPrivateV4(address)) return "private";
  return inSpecialV4(address) ? "special" : "public";
}

function kindOfV6(address: string): AddressKind {
  if (address.includes("%")) return "special"; // with a zone: a link of this machine
  const within = embeddedV4(address);
  if (within !== undefined) return kindOfV4(within);
  if (inPublicV6(address)) return inSpecialV6(address) ? "special" : "public";
  return inPrivateV6(address) && !inMetadataV6(address) ? "private" : "special";
}

/** The IPv4 address that connections go to which are made to this one: mapped (RFC 4291) or translated (RFC 6052). */
function embeddedV4(address: string): string | undefined {
  const groups = groupsOf(address);
  const head = groups.slice(0, 6).map((group) => group.toString(16));
  if (head.join(":") !== "0:0:0:0:0:ffff" && head.join(":") !== "64:ff9b:0:0:0:0") return undefined;
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join(".");
}

/** The eight groups of an IPv6 address without a zone. */
function groupsOf(address: string): readonly number[] {
  // Written in one way, without an IPv4 address at its end (WHATWG URL).
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = [], tail] = text.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const zeros = Array<string>(tail === undefined ? 0 : 8 - head.length - tail.length).fill("0");
  return [...head, ...zeros, ...(tail ?? [])].map((group) => Number.parseInt(group, 16));
}
