import type { Caller } from "../auth/caller.ts";

/** Header names and values in turns, as they came: what `rawHeaders` is. */
export type RawHeaders = readonly string[];

/** Headers of one connection, which end at the gateway (RFC 9110, section 7.6.1), and what they say. */
const hopByHop = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/**
 * Headers by which proxies tell an app who is calling, or from where. An app that believes one of
 * them believes its gateway, so none comes from outside; `*` stands for any ending.
 */
const reserved = [
  "x-flyte-*",
  "x-user-*",
  "x-user",
  "x-forwarded-*",
  "x-forwarded",
  "x-auth-request-*",
  "x-authenticated-*",
  "x-amzn-oidc-*",
  "x-amzn-mtls-*",
  "x-goog-authenticated-user-*",
  "x-goog-iap-*",
  "x-ms-client-principal*",
  "x-ms-token-*",
  "remote-*",
  "x-remote-*",
  "auth-user",
  "x-webauth-*",
  "tailscale-*",
  "cf-access-*",
  "cf-connecting-*",
  "true-client-ip",
  "x-client-ip",
  "x-envoy-*",
  "x-pomerium-*",
  "x-authentik-*",
  "x-client-cert*",
  "client-cert*",
  "ssl-client-*",
  "x-ssl-*",
  "x-real-ip",
  "forwarded",
  // Which scripts read as the environment variable HTTP_PROXY.
  "proxy",
];

/** Those that have one spelling, and are something else in any other. */
const exactOnly = ["authorization", "flyte-authorization", "host", "content-length", "expect"];

const hop = new Set(hopByHop);
const exact = new Set(exactOnly);
const reservedPattern = new RegExp(
  `^(?:${reserved.map((name) => name.replace("*", ".*")).join("|")})$`,
);

/**
 * Whether a header from outside is kept from the app. Names are compared as servers of scripts see
 * them (RFC 3875, section 4.1.18): in any case, and with `_` or any other sign for `-`.
 */
export function isReserved(name: string): boolean {
  let verdict = verdicts.get(name);
  if (verdict === undefined) {
    verdict = judge(name);
    // Names are few, unless somebody sends others on purpose.
    if (verdicts.size >= 1_000) verdicts.clear();
    verdicts.set(name, verdict);
  }
  return verdict;
}

const verdicts = new Map<string, boolean>();

function judge(name: string): boolean {
  const lower = name.toLowerCase();
  const plain = lower.replaceAll(/[^a-z0-9]/g, "-");
  if (reservedPattern.test(plain)) return true;
  return plain !== lower && (exact.has(plain) || hop.has(plain));
}

/** Where a request came from, as the gateway saw it itself. */
export interface Origin {
  readonly remoteAddress: string;
  /** The `Host` of the request. */
  readonly host: string;
  /** The port it came in on. */
  readonly port: number;
}

/**
 * The headers that the app gets: those of the client, without those of the connection and those that
 * only a gateway may set, and what the gateway says of the caller and of where the request came from.
 *
 * @param caller who was let in; undefined where strangers are
 */
export function toAppHeaders(
  headers: RawHeaders,
  origin: Origin,
  caller: Caller | undefined,
): string[] {
  const kept = keep(headers, (name) => name !== "expect" && !isReserved(name));
  const { remoteAddress, host, port } = origin;
  const node = remoteAddress.includes(":") ? `"[${remoteAddress}]"` : remoteAddress;
  kept.push("Forwarded", `for=${node};host="${host}";proto=http`);
  kept.push("X-Forwarded-For", remoteAddress, "X-Real-IP", remoteAddress);
  kept.push(
    "X-Forwarded-Host",
    host,
    "X-Forwarded-Port",
    String(port),
    "X-Forwarded-Proto",
    "http",
  );
  if (caller === undefined) return kept;
  kept.push("x-flyte-user-subject", toHeaderValue(caller.subject));
  kept.push("x-flyte-user-name", toHeaderValue(caller.name));
  kept.push("x-flyte-user-email", toHeaderValue(caller.email));
  return kept;
}

/** The headers that the client gets of an app's answer. */
export function toClientHeaders(headers: RawHeaders, status: number): string[] {
  // 204 has no length (RFC 9110, section 8.6).
  return keep(headers, (name) => status !== 204 || name !== "content-length");
}

/** Trailers, without what may only be said in a head (RFC 9110, section 6.5.1). */
export function toTrailers(trailers: RawHeaders): [name: string, value: string][] {
  const kept = keep(trailers, (name) => !exact.has(name) && name !== "cookie" && !isReserved(name));
  return kept.flatMap((name, at) => (at % 2 === 0 ? [[name, kept[at + 1] ?? ""]] : []));
}

/** The names that `Connection` says belong to the connection, in lower case. */
export function connectionOptions(headers: RawHeaders): readonly string[] {
  let options = "";
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() === "connection") options += `,${headers[at + 1]}`;
  }
  if (options === "") return [];
  const names = options.toLowerCase().split(",");
  return names.map((name) => name.trim()).filter((name) => name !== "");
}

function keep(headers: RawHeaders, isWanted: (name: string) => boolean): string[] {
  const options = connectionOptions(headers);
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const lower = name.toLowerCase();
    if (hop.has(lower) || options.includes(lower) || !isWanted(lower)) continue;
    kept.push(name, headers[at + 1] ?? "");
  }
  return kept;
}

/** What a header can hold: other characters than visible ASCII, and `%`, are percent-encoded UTF-8. */
function toHeaderValue(text: string): string {
  const wellFormed = Buffer.from(text).toString();
  return wellFormed.replaceAll(/[^\x20-\x24\x26-\x7e]+/gu, encodeURIComponent);
}
