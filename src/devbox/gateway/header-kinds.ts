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
const exactOnly = [
  "authorization",
  "flyte-authorization",
  "host",
  "content-length",
  "expect",
  "x-request-id",
];

const hop = new Set(hopByHop);
const exact = new Set(exactOnly);
const reservedPattern = new RegExp(
  `^(?:${reserved.map((name) => name.replace("*", ".*")).join("|")})$`,
);

/** What the gateway knows of a header by its name: bits of one number. */
export const headerKinds = {
  host: 1,
  contentLength: 2,
  transferEncoding: 4,
  authorization: 8,
  flyteAuthorization: 16,
  connection: 32,
  expect: 64,
  requestId: 128,
  cookie: 256,
  /** It ends at the gateway. */
  hop: 512,
  /** It is kept from the app when it comes from outside. */
  reserved: 1024,
  /** It means something in a head alone, and under one spelling of its name. */
  exact: 2048,
  keepAlive: 4096,
} as const;

const kindByName: ReadonlyMap<string, number> = new Map([
  ["host", headerKinds.host],
  ["content-length", headerKinds.contentLength],
  ["transfer-encoding", headerKinds.transferEncoding],
  ["authorization", headerKinds.authorization],
  ["flyte-authorization", headerKinds.flyteAuthorization],
  ["connection", headerKinds.connection],
  ["keep-alive", headerKinds.keepAlive],
  ["expect", headerKinds.expect],
  ["x-request-id", headerKinds.requestId],
  ["cookie", headerKinds.cookie],
]);

/** The kinds of a header, by its name in any case of letters. */
export function kindsOf(name: string): number {
  let kinds = known.get(name);
  if (kinds === undefined) {
    kinds = judge(name);
    // Names are few, unless somebody sends others on purpose.
    if (known.size >= 1_000) known.clear();
    if (name.length <= 64) known.set(name, kinds);
  }
  return kinds;
}

const known = new Map<string, number>();

/**
 * Whether a header from outside is kept from the app. Names are compared as servers of scripts see
 * them (RFC 3875, section 4.1.18): in any case, and with `_` or any other sign for `-`.
 */
function isReserved(lower: string): boolean {
  const plain = lower.replaceAll(/[^a-z0-9]/g, "-");
  if (reservedPattern.test(plain)) return true;
  return plain !== lower && (exact.has(plain) || hop.has(plain));
}

function judge(name: string): number {
  const lower = name.toLowerCase();
  return (
    (kindByName.get(lower) ?? 0) |
    (hop.has(lower) ? headerKinds.hop : 0) |
    (exact.has(lower) ? headerKinds.exact : 0) |
    (isReserved(lower) ? headerKinds.reserved : 0)
  );
}
