import { describe, expect, test } from "vitest";
import { createLog } from "../support/log.ts";
import { type RawAnswer, rawRequest, sendRaw } from "../support/raw-http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

const credential = "authorization: Bearer key";

/** The address that the log names for a request with these headers. */
async function loggedClient(
  trustedProxies: readonly string[] | undefined,
  headers: readonly string[],
): Promise<unknown> {
  const log = createLog();
  {
    await using webhook = await startTestWebhook({
      logger: log.logger,
      ...(trustedProxies !== undefined && { trustedProxies }),
    });
    await sendRaw(webhook.url, rawRequest("GET /me", [credential, ...headers]));
  }
  const lines = log.lines.map((line) => JSON.parse(line));
  return lines.find(({ msg }) => msg === "request").client;
}

const table: readonly (readonly [
  name: string,
  proxies: readonly string[] | undefined,
  headers: readonly string[],
  client: string,
])[] = [
  ["without proxies, the peer's", undefined, ["x-forwarded-for: 203.0.113.7"], "127.0.0.1"],
  ["with no proxy in the list", [], ["x-forwarded-for: 203.0.113.7"], "127.0.0.1"],
  ["from a peer that is not listed", ["10.0.0.0/8"], ["x-forwarded-for: 203.0.113.7"], "127.0.0.1"],
  ["from a listed address", ["127.0.0.1"], ["x-forwarded-for: 203.0.113.7"], "203.0.113.7"],
  ["from a listed range", ["127.0.0.0/8"], ["x-forwarded-for: 2001:db8::1"], "2001:db8::1"],
  [
    "the last that is no proxy, whatever the caller put in front",
    ["127.0.0.1", "10.0.0.0/8"],
    ["x-forwarded-for: 198.51.100.1, 203.0.113.7, 10.1.2.3"],
    "203.0.113.7",
  ],
  ["the peer's when the header is missing", ["127.0.0.1"], [], "127.0.0.1"],
  [
    "the peer's when the header is no address",
    ["127.0.0.1"],
    ["x-forwarded-for: <x>"],
    "127.0.0.1",
  ],
  [
    "the peer's, other headers being nothing",
    ["127.0.0.1"],
    ["x-real-ip: 203.0.113.7"],
    "127.0.0.1",
  ],
];
for (const [name, proxies, headers, client] of table) {
  test(`the address in the log: ${name}`, async () => {
    expect(await loggedClient(proxies, headers)).toBe(client);
  });
}

const spoofs: readonly string[] = [
  "x-forwarded-for: 127.0.0.1",
  "x-forwarded-host: test-webhook.internal",
  "x-forwarded-proto: https",
  "x-forwarded-uri: /health",
  "x-forwarded-prefix: /health",
  "x-forwarded-method: GET",
  "x-original-url: /health",
  "x-original-method: GET",
  "x-rewrite-url: /health",
  "x-http-method-override: GET",
  "x-real-ip: 127.0.0.1",
  "x-auth-request-user: admin",
  "x-forwarded-user: admin",
  "x-forwarded-access-token: key",
  "forwarded: for=127.0.0.1;host=test;proto=https",
  "true-client-ip: 127.0.0.1",
];

/** What is the same in two answers to the same request. */
function essence({ status, head, body }: RawAnswer): unknown {
  const headers = head.split("\r\n").filter((line) => !/^(?:date|x-request-id):/i.test(line));
  return { status, headers, body: body.replace(/"requestId":"[^"]+"/, "") };
}

describe("no decision depends on what a proxy is said to have said", () => {
  const requests: readonly (readonly [name: string, line: string, headers: readonly string[]])[] = [
    ["no credential", "GET /me", []],
    ["no credential, where none is needed", "GET /health", []],
    ["a credential", "GET /me", [credential]],
    ["a task outside the allowlist", "GET /task/a/b/c", [credential]],
    ["a wrong method", "POST /me", [credential]],
    ["an endpoint that is not served", "GET /app/x", [credential]],
    ["a trailing slash", "GET /me/", [credential]],
    [
      "a cookie from another site",
      "POST /run/run-of-allowed/abort",
      ["cookie: a=b", "origin: https://test-webhook.internal"],
    ],
  ];
  for (const trustedProxies of [undefined, ["10.0.0.0/8"], ["127.0.0.0/8"]]) {
    for (const [name, line, headers] of requests) {
      test(`${name}, with the proxies ${trustedProxies ?? "of nobody"}`, async () => {
        await using webhook: TestWebhook = await startTestWebhook({
          endpointGroups: ["core", "task", "run"],
          taskAllowlist: ["allowed.main"],
          ...(trustedProxies !== undefined && { trustedProxies }),
        });
        const plain = essence(await sendRaw(webhook.url, rawRequest(line, headers)));
        const calls = webhook.stub.takeMethods();
        for (const lines of [...spoofs.map((spoof) => [spoof]), spoofs]) {
          const spoofed = await sendRaw(webhook.url, rawRequest(line, [...headers, ...lines]));
          expect(essence(spoofed), lines.join()).toEqual(plain);
          expect(webhook.stub.takeMethods()).toEqual(calls);
        }
      });
    }
  }
});

describe("an address that is none", () => {
  for (const entry of [
    "",
    "loopback",
    "proxy.internal",
    "*",
    "10.0.0.0/33",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0",
    "10.0.0.0/255.0.0.0",
    "::1/129",
    "fe80::1%eth0",
    " 10.0.0.1",
    "10.0.0.1, 10.0.0.2",
    true,
    1,
  ]) {
    test(`${JSON.stringify(entry)} is refused at construction`, async () => {
      await expect(startTestWebhook({ trustedProxies: [entry as string] })).rejects.toThrow(
        expect.objectContaining({
          code: "invalid_config",
          message: `${JSON.stringify(entry)} in trustedProxies is not an IP address or CIDR range. Write for example 10.0.0.7 or 10.0.0.0/8.`,
        }),
      );
    });
  }

  test("what is one is taken", async () => {
    const trustedProxies = ["10.0.0.7", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/1"];
    await using webhook = await startTestWebhook({ trustedProxies });
    expect((await fetch(`${webhook.url}/health`)).status).toBe(200);
  });
});
