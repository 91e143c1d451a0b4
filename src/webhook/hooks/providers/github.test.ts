import { sign, verify } from "@octokit/webhooks-methods";
import fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import { reading } from "../../../../test/support/hook-deliveries.ts";
import "../../../../test/support/property-seed.ts";
import { inspect } from "node:util";
import { github, githubProvider } from "./github.ts";
import type { GitHubPullRequest, GitHubPush } from "./github-events.ts";

const secret = "It's a Secret to Everybody";
const provider = githubProvider(secret);
const named = { "x-github-event": "push", "x-github-delivery": "d-1" };
const json = { ...named, "content-type": "application/json" };

function signed(body: string, headers: Readonly<Record<string, string>> = json) {
  return { headers: provider.sign({ headers, body: Buffer.from(body), sentAt: new Date() }), body };
}

// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
test("verifies the example of GitHub's documentation", () => {
  const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
  const { headers } = signed("Hello, World!");
  expect(headers["x-hub-signature-256"]).toBe(signature);
  // It is proved; that it is no JSON is another matter.
  expect(reading(provider, signed("Hello, World!"))).toMatchObject({ kind: "malformed" });
});

test("agrees with GitHub's own library", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.string({ minLength: 16 }).filter((text) => text.trim() === text),
      async (body, key) => {
        const theirs = await sign(key, body);
        const mine = githubProvider(key);
        const headers = mine.sign({ headers: json, body: Buffer.from(body), sentAt: new Date() });
        expect(headers["x-hub-signature-256"]).toBe(theirs);
        expect(await verify(key, body, theirs)).toBe(true);
      },
    ),
    { numRuns: 50 },
  );
});

test("believes the sha1 signature nothing", () => {
  const { headers, body } = signed("{}");
  const { "x-hub-signature-256": signature, ...others } = headers;
  const old = { ...others, "x-hub-signature": signature ?? "" };
  expect(reading(provider, { headers: old, body })).toMatchObject({ kind: "refused" });
});

test.each([
  ["push", '{"ref":"refs/heads/main"}', "push"],
  ["pull_request", '{"action":"opened","number":7}', "pull_request.opened"],
  ["workflow_run", '{"action":"completed"}', "workflow_run.completed"],
  ["an_event_of_tomorrow", '{"new":true}', "an_event_of_tomorrow"],
])("names %s with its action", (name, body, type) => {
  const read = reading(provider, signed(body, { ...json, "x-github-event": name }));
  expect(read).toMatchObject({ kind: "event", event: { name, type, id: "d-1" } });
});

test("reads what comes as a form", () => {
  const headers = { ...named, "content-type": "application/x-www-form-urlencoded" };
  const body = `payload=${encodeURIComponent('{"ref":"refs/heads/ä+b"}')}`;
  expect(reading(provider, signed(body, headers))).toMatchObject({
    event: { payload: { ref: "refs/heads/ä+b" } },
  });
});

test("answers a ping, once it is proved", () => {
  const ping = signed('{"zen":"Keep it simple.","hook_id":1}', {
    ...json,
    "x-github-event": "ping",
  });
  expect(reading(provider, ping)).toEqual({
    kind: "answer",
    status: 200,
    body: { pong: true },
    what: "ping",
  });
  expect(reading(provider, { ...ping, body: "{}" }).kind).toBe("refused");
});

test.each([
  ["no event", { ...json, "x-github-event": undefined }, "{}", /x-github-event must name an event/],
  ["no id", { ...json, "x-github-delivery": undefined }, "{}", /x-github-delivery is missing/],
  ["no JSON", json, "{", /The body is no JSON/],
  ["a list", json, "[]", /The body is no JSON object/],
  ["a key twice", json, '{"a":1,"a":2}', /The body is no JSON/],
  ["no content type", named, "{}", /content type must be/],
  [
    "a form without payload",
    { ...named, "content-type": "application/x-www-form-urlencoded" },
    "a=1",
    /has no payload/,
  ],
  [
    "a form with two payloads",
    { ...named, "content-type": "application/x-www-form-urlencoded" },
    "payload={}&payload={}",
    /more than once/,
  ],
  ["a secret prototype", json, '{"__proto__":{}}', /The body is no JSON/],
])("does not understand a delivery with %s", (_, headers, body, reason) => {
  const given = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  expect(reading(provider, signed(body, Object.fromEntries(given)))).toEqual({
    kind: "malformed",
    reason: expect.stringMatching(reason),
  });
});

test("does not understand bytes that are no UTF-8", () => {
  const body = Uint8Array.of(0x7b, 0xff, 0x7d);
  const headers = provider.sign({ headers: json, body, sentAt: new Date() });
  expect(reading(provider, { headers, body })).toMatchObject({ kind: "malformed" });
});

test("a hook has a name, hides its credential, and types events by what is asked", async () => {
  const hook = github({
    secret,
    runAs: { token: "a-token-that-nobody-may-see" },
    events: ["push", "pull_request.*"],
    start: (event) => {
      if (event.type === "push") expectTypeOf(event.payload).toEqualTypeOf<GitHubPush>();
      if (event.type === "pull_request.opened") {
        expectTypeOf(event.payload).toEqualTypeOf<GitHubPullRequest>();
      }
      if (event.name === "pull_request") {
        expectTypeOf(event.payload.pull_request.head.sha).toEqualTypeOf<string>();
      }
      return event.name === "push" ? { task: "t", inputs: { ref: event.payload.ref } } : undefined;
    },
  });
  expect(hook).toMatchObject({ name: "github", events: ["push", "pull_request.*"] });
  expect(hook.runAs).toEqual({ token: "a-token-that-nobody-may-see" });
  const shown = inspect(hook, { depth: 10 }) + JSON.stringify(hook);
  expect(shown).not.toContain("nobody");
  expect(shown).not.toContain("Everybody");
  const read = reading(hook.from, signed('{"ref":"refs/heads/main"}'));
  if (read.kind !== "event") throw new Error(read.kind);
  expect(await hook.start(read.event)).toEqual({ task: "t", inputs: { ref: "refs/heads/main" } });
});
