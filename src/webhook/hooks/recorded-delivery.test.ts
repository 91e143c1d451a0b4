import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arriving, now, prove, schemes } from "../../../test/support/hook-deliveries.ts";
import "../../../test/support/property-seed.ts";
import type { JsonValue } from "../../shared/json.ts";
import { github } from "./providers/github.ts";
import { bodyOf, parseRecordedDelivery, recordDelivery } from "./recorded-delivery.ts";
import { replayDelivery } from "./replay-delivery.ts";

const runAs = { token: "a-token" };

describe.each(schemes.map((scheme) => [scheme.name, scheme] as const))("%s", (_, scheme) => {
  test("is recorded without what proves it, and understood when it is signed anew", async () => {
    const from = scheme.provider(scheme.secret(1));
    const headers: Readonly<Record<string, string>> = {
      ...prove(scheme, from),
      cookie: "session=1",
      "x-api-key": "k",
      "x-forwarded-for": "10.0.0.1",
    };
    const recorded = recordDelivery(from, arriving({ headers, body: scheme.body }));
    const text = JSON.stringify(recorded);
    for (const name of scheme.proof.filter((one) => !one.endsWith("-id"))) {
      expect(recorded.headers).not.toHaveProperty(name);
      expect(text).not.toContain(headers[name]?.slice(-20));
    }
    expect(Object.keys(recorded.headers)).not.toContain("cookie");
    expect(Object.keys(recorded.headers)).not.toContain("x-api-key");

    const later = scheme.provider([scheme.secret(2)]);
    const hook = { name: "h", runAs, from: later, start: () => ({ task: "t" }) };
    const at = new Date(now.getTime() + 1e9);
    const replayed = await replayDelivery(hook, JSON.parse(text), { at });
    expect(replayed.event).toMatchObject({ type: scheme.type, id: scheme.id });
    expect(replayed.decision).toEqual({ task: "t" });
  });
});

test("any body comes out of a file as it went in", () => {
  const [scheme] = schemes;
  const from = scheme?.provider(scheme.secret(1));
  if (from === undefined) throw new Error("no scheme");
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string().map(Buffer.from)), (body) => {
      const recorded = recordDelivery(from, arriving({ headers: {}, body }));
      const read = parseRecordedDelivery(JSON.parse(JSON.stringify(recorded)));
      expect([...bodyOf(read)]).toEqual([...body]);
    }),
  );
});

test.each<[JsonValue, RegExp]>([
  [[], /the file must be a JSON object/],
  [{}, /version must be 1/],
  [{ version: 1 }, /receivedAt must be a text/],
  [{ version: 1, receivedAt: "soon" }, /receivedAt must be a time/],
  [{ version: 1, receivedAt: now.toISOString(), headers: [] }, /headers must be/],
  [{ version: 1, receivedAt: now.toISOString(), headers: { a: 1 } }, /headers must be/],
  [{ version: 1, receivedAt: now.toISOString() }, /provider must be a text/],
  [{ version: 1, receivedAt: now.toISOString(), provider: "a", method: "POST" }, /body must be/],
  [
    { version: 1, receivedAt: now.toISOString(), provider: "a", method: "POST", bodyBase64: "?" },
    /body must be/,
  ],
])("%j is no recorded delivery", (value, message) => {
  expect(() => parseRecordedDelivery(value)).toThrow(message);
});

test("reads any JSON or says what is wrong with it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(() => parseRecordedDelivery(value as JsonValue)).toThrow(
        expect.objectContaining({ code: "invalid_input" }),
      );
    }),
  );
});

const secret = "a secret that is long enough";
const push = {
  version: 1,
  provider: "github",
  method: "POST",
  headers: {
    "content-type": "application/json",
    "x-github-event": "push",
    "x-github-delivery": "d",
  },
  body: '{"ref":"refs/heads/main"}',
  receivedAt: now.toISOString(),
} as const;

test("starts nothing for what is not among the events, and for a ping", async () => {
  const hook = github({ secret, runAs, events: ["release.*"], start: () => ({ task: "t" }) });
  expect(await replayDelivery(hook, push)).toMatchObject({
    event: { type: "push" },
    decision: undefined,
  });
  const ping = { ...push, headers: { ...push.headers, "x-github-event": "ping" } };
  expect(await replayDelivery(hook, ping)).toMatchObject({ event: undefined, decision: undefined });
});

test("says what a hook does not take", async () => {
  const hook = github({ secret, runAs, start: () => undefined });
  await expect(replayDelivery(hook, { ...push, body: "{" })).rejects.toThrow(/The body is no JSON/);
  await expect(replayDelivery(hook, { ...push, provider: "stripe" })).rejects.toThrow(
    /one of stripe, and cannot be one of github/,
  );
});
