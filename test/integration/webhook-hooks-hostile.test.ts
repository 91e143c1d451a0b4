import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { deliver, githubDelivery, githubSecret, useHookWebhooks } from "../support/hook-webhook.ts";
import { rawRequest, sendRaw } from "../support/raw-http.ts";

const site = useHookWebhooks({ bodyLimitBytes: 2_000 });

/** A delivery below HTTP, its header lines as they are given. */
function sendLines(lines: readonly string[], body: string | Buffer) {
  return sendRaw(
    site.webhook.url,
    Buffer.concat([
      Buffer.from(
        ["POST /hooks/github HTTP/1.1", "host: x", "connection: close", ...lines, "", ""].join(
          "\r\n",
        ),
      ),
      Buffer.from(body),
    ]),
  );
}

const linesOf = (delivery: ReturnType<typeof githubDelivery>) =>
  Object.entries(delivery.headers).map(([name, value]) => `${name}: ${value}`);

test.for<readonly [string, Buffer, number, string]>([
  ["not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, "invalid_input"],
  ["no JSON", Buffer.from("{"), 400, "invalid_input"],
  ["no object", Buffer.from("[1]"), 400, "invalid_input"],
  ["nothing", Buffer.from(""), 400, "invalid_input"],
  ["nested deep", Buffer.from(`${"[".repeat(900)}${"]".repeat(900)}`), 400, "invalid_input"],
  ["a key twice", Buffer.from('{"sha":"a","sha":"b"}'), 400, "invalid_input"],
  ["__proto__", Buffer.from('{"__proto__":{"sha":"a"}}'), 400, "invalid_input"],
  ["too long", Buffer.from(JSON.stringify({ sha: "x".repeat(3_000) })), 413, "payload_too_large"],
])("a signed body that is %s starts nothing", async ([, payload, status, code]) => {
  expect(await deliver(site.webhook, { payload })).toMatchObject({ status, body: { code } });
  expect(site.all.front.calls).toEqual([]);
});

test("a compressed body is 415, even when what it holds is signed", async () => {
  const { body, headers } = githubDelivery();
  for (const encoding of ["gzip", "GZIP", "br", "identity, gzip", "x"]) {
    const answer = await deliver(site.webhook, {
      payload: gzipSync(body),
      headers: { ...headers, "content-encoding": encoding },
    });
    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  }
  expect(site.all.front.calls).toEqual([]);
  const plain = await deliver(site.webhook, { headers: { "content-encoding": "identity" } });
  expect(plain.status).toBe(202);
});

test("a body without an announced length is read to the limit and not beyond", async () => {
  const delivery = githubDelivery();
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
  const lines = [...linesOf(delivery), "transfer-encoding: chunked"];
  const whole = delivery.body.toString();
  const good = await sendLines(lines, `${[...whole].map(chunk).join("")}0\r\n\r\n`);
  expect(good.status).toBe(202);
  const endless = await sendLines(lines, chunk("x".repeat(3_000)).repeat(5));
  expect(endless.status).toBe(413);
});

test.for([
  ["x-hub-signature-256", 401],
  ["x-github-delivery", 400],
  ["x-github-event", 400],
  ["content-encoding", 415],
] as const)(
  "the header %s sent twice is %i, whichever of the two is right",
  async ([name, status]) => {
    const delivery = githubDelivery();
    const value = delivery.headers[name] ?? "identity";
    for (const other of [value, "other"]) {
      const lines = [...linesOf(delivery).filter((line) => !line.startsWith(`${name}:`))];
      const twice = [`${name}: ${value}`, `${name.toUpperCase()}: ${other}`];
      const length = `content-length: ${delivery.body.length}`;
      const answer = await sendLines([...lines, ...twice, length], delivery.body);
      expect(answer.status).toBe(status);
    }
    expect(site.all.front.calls).toEqual([]);
  },
);

test.for([
  "/hooks/github/",
  "/hooks//github",
  "/hooks/./github",
  "/hooks/x/../github",
  "/hooks/..%2fhooks%2fgithub",
  "/hooks/github;x=1",
  "/hooks/github%00",
  "/hooks/GitHub",
  "/hooks/constructor",
  "/hooks/__proto__",
  "/hooks/%",
  "/hooks/github%2f..%2f..%2fme",
  `/hooks/${"x".repeat(9_000)}`,
])("the address %s is no hook", async (target) => {
  const delivery = githubDelivery();
  const { status } = await sendRaw(
    site.webhook.url,
    rawRequest(`POST ${target}`, linesOf(delivery), delivery.body.toString()),
  );
  expect([307, 400, 401, 404, 414]).toContain(status);
  expect(site.all.front.calls).toEqual([]);
});

test("what lies behind a hook's folder is no way around the need of a credential", async () => {
  for (const target of [
    "/hooks/../me",
    "/hooks/..%2fme",
    "/hooks/%2e%2e/me",
    "/hooks/github/../../me",
  ]) {
    const { status } = await sendRaw(site.webhook.url, rawRequest(`GET ${target}`));
    expect([307, 400, 401, 404]).toContain(status);
  }
  expect(site.all.front.calls).toEqual([]);
});

test("a hook may take longer bodies than the endpoints", async () => {
  const wide = await site.all.webhook({
    bodyLimitBytes: 100,
    hooks: [site.all.hook({ bodyLimitBytes: 50_000 }), site.all.hook({ name: "narrow" })],
  });
  const payload = { sha: "abc", text: "x".repeat(40_000) };
  expect((await deliver(wide, { payload })).status).toBe(202);
  expect((await deliver(wide, { payload, hook: "narrow" })).status).toBe(413);
  expect((await deliver(wide, { payload: { sha: "x".repeat(50_000) } })).status).toBe(413);
  const length = Buffer.byteLength(JSON.stringify(payload));
  for (const [hook, invited] of [
    ["github", true],
    ["narrow", false],
  ] as const) {
    const { head } = await sendRaw(
      wide.url,
      rawRequest(
        `POST /hooks/${hook}`,
        [
          `content-length: ${length}`,
          "expect: 100-continue",
          `x-hub-signature-256: ${githubSecret}`,
        ],
        "",
      ).replace("\r\n\r\n", `\r\n\r\n${invited ? "x".repeat(length) : ""}`),
    );
    expect(head.startsWith("HTTP/1.1 100")).toBe(invited);
  }
});
