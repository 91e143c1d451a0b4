import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { anonymous, startTestGateway, type TestGateway } from "../support/gateway.ts";
import { sendRaw } from "../support/raw-http.ts";

/** Headers that proxies and platforms use to say who calls, and from where. */
const stolen: readonly string[] = [
  "X-Flyte-User-Subject",
  "X-Flyte-User-Name",
  "X-Flyte-User-Email",
  "X-Flyte-User-Groups",
  "X-Flyte-Anything",
  "X-User",
  "X-User-Id",
  "X-User-Email",
  "X-User-Roles",
  "X-Forwarded-User",
  "X-Forwarded-Email",
  "X-Forwarded-Groups",
  "X-Forwarded-Preferred-Username",
  "X-Forwarded-Access-Token",
  "X-Forwarded-Client-Cert",
  "X-Forwarded-Tls-Client-Cert",
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Port",
  "X-Forwarded-Proto",
  "X-Forwarded-Prefix",
  "X-Forwarded-Uri",
  "Forwarded",
  "X-Real-IP",
  "X-Client-IP",
  "True-Client-IP",
  "CF-Connecting-IP",
  "X-Auth-Request-User",
  "X-Auth-Request-Email",
  "X-Auth-Request-Access-Token",
  "X-Authenticated-User",
  "X-Amzn-Oidc-Identity",
  "X-Amzn-Oidc-Data",
  "X-Amzn-Oidc-Accesstoken",
  "X-Amzn-Mtls-Clientcert-Subject",
  "X-Goog-Authenticated-User-Email",
  "X-Goog-Authenticated-User-Id",
  "X-Goog-Iap-Jwt-Assertion",
  "X-Ms-Client-Principal",
  "X-Ms-Client-Principal-Name",
  "X-Ms-Token-Aad-Access-Token",
  "Remote-User",
  "Remote-Groups",
  "X-Remote-User",
  "X-Remote-Group",
  "X-Remote-Extra-Scopes",
  "Auth-User",
  "X-Webauth-User",
  "X-Webauth-Email",
  "Tailscale-User-Login",
  "Tailscale-User-Name",
  "Cf-Access-Authenticated-User-Email",
  "Cf-Access-Jwt-Assertion",
  "X-Envoy-Peer-Metadata",
  "X-Envoy-Original-Path",
  "X-Pomerium-Jwt-Assertion",
  "X-Authentik-Username",
  "X-Client-Cert",
  "X-Client-Certificate",
  "Client-Cert",
  "Client-Cert-Chain",
  "Ssl-Client-Cert",
  "Ssl-Client-S-Dn",
  "X-Ssl-Client-Verify",
  "Proxy",
  "Proxy-Authorization",
];

/** Ways to write a name that a server of scripts reads as the same variable. */
const spellings: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  (name) => name.toUpperCase(),
  (name) => name.replaceAll("-", "_"),
  (name) => name.replace("-", "_").toLowerCase(),
  (name) => name.replaceAll("-", "."),
  (name) => name.replaceAll("-", "~"),
];

/** Those whose other spellings are not the header. */
const otherSpellings: readonly string[] = [
  "Flyte_Authorization",
  "flyte.authorization",
  "Content_Length",
  "Transfer_Encoding",
  "transfer.encoding",
  "Keep_Alive",
];

const planted = "planted-by-the-caller";

let gateway: TestGateway;
let app: Server;
let seen: string[] = [];
const hosts: Record<string, string> = {};

beforeAll(async () => {
  gateway = await startTestGateway();
  app = createServer(async (request, response) => {
    seen = request.rawHeaders;
    await text(request);
    response.end("ok");
  }).listen(0, "127.0.0.1");
  await once(app, "listening");
  const place = { port: (app.address() as AddressInfo).port };
  hosts["anonymous"] = gateway.add("open", () => place, anonymous);
  hosts["authenticated"] = gateway.add("fenced", () => place);
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  await gateway.close();
  app.close();
});

/** The headers that the app got of a request. */
async function passed(kind: string, headers: readonly string[]): Promise<Record<string, string[]>> {
  const credential =
    kind === "authenticated" ? [`Authorization: Bearer ${gateway.keys["alice"]}`] : [];
  const lines = [`Host: ${hosts[kind]}`, "Connection: close", ...credential, ...headers];
  const answer = await sendRaw(gateway.url, `GET / HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  expect(answer.status).toBe(200);
  const found: Record<string, string[]> = {};
  for (let at = 0; at < seen.length; at += 2) {
    const name = String(seen[at]).toLowerCase();
    found[name] = [...(found[name] ?? []), String(seen[at + 1])];
  }
  return found;
}

describe.each(["anonymous", "authenticated"])("of an %s caller", (kind) => {
  test.each(stolen)("%s never reaches the app, in whatever spelling", async (name) => {
    for (const spell of spellings) {
      await passed(kind, [`${spell(name)}: ${planted}`]);
      expect(seen.length).toBeGreaterThan(0);
      expect(seen, spell(name)).not.toContain(planted);
    }
  });

  test("nor does a header that is read as another in its spelling", async () => {
    await passed(
      kind,
      otherSpellings.map((name) => `${name}: ${planted}`),
    );
    expect(seen).not.toContain(planted);
  });

  test("nor one that is named by Connection, or belongs to it", async () => {
    const found = await passed(kind, [
      `Connection: x-mine, keep-alive`,
      `X-Mine: ${planted}`,
      `Keep-Alive: ${planted}`,
      `TE: ${planted}`,
      `Trailer: ${planted}`,
      `Proxy-Connection: ${planted}`,
    ]);
    expect(seen).not.toContain(planted);
    expect(found["connection"]).toEqual(["keep-alive"]);
  });

  test("where it came from is told as the gateway saw it", async () => {
    const host = hosts[kind] ?? "";
    const found = await passed(kind, [
      "X-Forwarded-For: 203.0.113.9",
      "Forwarded: for=203.0.113.9",
      "X-Real-IP: 203.0.113.9",
    ]);
    expect(found).toMatchObject({
      host: [host],
      forwarded: [`for=127.0.0.1;host="${host}";proto=http`],
      "x-forwarded-for": ["127.0.0.1"],
      "x-forwarded-host": [host],
      "x-forwarded-port": [String(gateway.port)],
      "x-forwarded-proto": ["http"],
      "x-real-ip": ["127.0.0.1"],
    });
  });
});

test("an app that asks for a credential is told whose it is, and gets it", async () => {
  const found = await passed("authenticated", ["X-Flyte-User-Subject: bob"]);
  expect(found).toMatchObject({
    "x-flyte-user-subject": ["alice"],
    "x-flyte-user-name": ["Alice Admin"],
    "x-flyte-user-email": ["alice@example.com"],
    authorization: [`Bearer ${gateway.keys["alice"]}`],
  });
});

test("an app that lets strangers in gets what they send as a credential, and no name for it", async () => {
  const found = await passed("anonymous", [`Authorization: Bearer ${gateway.keys["alice"]}`]);
  expect(Object.keys(found).filter((name) => name.startsWith("x-flyte-"))).toEqual([]);
  expect(found["authorization"]).toEqual([`Bearer ${gateway.keys["alice"]}`]);
});

test("other headers pass, in their order and as they are written", async () => {
  await passed("anonymous", [
    "X-Api-Key: a",
    "x_custom: b",
    "Cookie: c=1",
    "Cookie: d=2",
    "X-api-KEY: e",
  ]);
  const own = [
    "X-Api-Key",
    "a",
    "x_custom",
    "b",
    "Cookie",
    "c=1",
    "Cookie",
    "d=2",
    "X-api-KEY",
    "e",
  ];
  expect(seen.join("\n")).toContain(own.join("\n"));
});
