import { createHmac, randomBytes } from "node:crypto";
import { isIPv6 } from "node:net";
import type { AuthMetadata } from "../../client/auth-metadata.ts";

/** Names callers by an HMAC: what it was made of cannot be told, or tried out, without the secret. */
export class CallerKeys {
  readonly #secret: string | Buffer;

  /** @param secret - @default one that is random and never leaves the process */
  constructor(secret: string | Buffer = randomBytes(32)) {
    this.#secret = secret;
  }

  /**
   * The same for the same caller. Where there is a token nothing else counts, and its scheme in any spelling: a cookie
   * that is made up beside it makes nobody somebody else.
   */
  ofCredential(auth: AuthMetadata): string {
    const sent = new Map(auth);
    const token = sent.get("authorization");
    return this.#hash(
      "credential",
      token === undefined
        ? JSON.stringify(auth)
        : token.replace(/^\S+ +/, (scheme) => `${scheme.trim().toLowerCase()} `),
    );
  }

  ofAddress(address: string): string {
    return this.#hash("address", networkOf(address));
  }

  #hash(kind: string, text: string): string {
    const hash = createHmac("sha256", this.#secret).update(kind).update("\0").update(text).digest();
    return hash.subarray(0, 16).toString("base64url");
  }
}

/**
 * Whom an address belongs to: itself, and of IPv6 the network of 64 bits, which is what one customer gets
 * (RFC 6177).
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ""] = address.split("%");
  if (!isIPv6(bare)) return address;
  const [head = "", tail] = bare.toLowerCase().split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const first = groups(head);
  const last = groups(tail ?? "");
  const missing = tail === undefined ? 0 : 8 - first.length - widthOf(last);
  const all = [...first, ...Array.from({ length: Math.max(0, missing) }, () => "0"), ...last];
  const network = all.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}

/** In groups; one in the dotted form of IPv4 takes two. */
function widthOf(groups: readonly string[]): number {
  return groups.length + (groups.at(-1)?.includes(".") === true ? 1 : 0);
}
