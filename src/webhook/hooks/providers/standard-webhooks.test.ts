import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { now, reading } from "../../../../test/support/hook-deliveries.ts";
import "../../../../test/support/property-seed.ts";
import { standardWebhooks, standardWebhooksProvider } from "./standard-webhooks.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const provider = standardWebhooksProvider(secret);
const json = { "content-type": "application/json", "webhook-id": "msg_1" };

function signed(body: string, sentAt = now, headers: Readonly<Record<string, string>> = json) {
  return { headers: provider.sign({ headers, body: Buffer.from(body), sentAt }), body };
}

// The example of the reference libraries.
test("verifies the published example", () => {
  const headers = { ...json, "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek" };
  const sentAt = new Date(1_614_265_330_000);
  const sent = signed('{"test": 2432232314}', sentAt, headers);
  expect(sent.headers["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("agrees with the reference library", () => {
  const key = fc.uint8Array({ minLength: 24, maxLength: 64 });
  fc.assert(
    fc.property(key, fc.string({ unit: "grapheme" }), fc.uuid(), (bytes, body, id) => {
      const text = `whsec_${Buffer.from(bytes).toString("base64")}`;
      const theirs = new Webhook(text).sign(id, now, body);
      const headers = { ...json, "webhook-id": id };
      const mine = standardWebhooksProvider(text);
      const made = mine.sign({ headers, body: Buffer.from(body), sentAt: now });
      expect(made["webhook-signature"]).toBe(theirs);
    }),
    { numRuns: 100 },
  );
});

test("tells type, time and data", () => {
  const at = "2026-11-03T20:26:10.344Z";
  const body = JSON.stringify({ type: "user.created", timestamp: at, data: { id: 7 } });
  expect(reading(provider, signed(body))).toMatchObject({
    event: { type: "user.created", occurredAt: new Date(at), data: { id: 7 }, id: "msg_1" },
  });
  expect(reading(provider, signed('{"id":7}'))).toMatchObject({
    event: { type: "untyped", occurredAt: undefined, data: { id: 7 } },
  });
});

test("finds its signature among several", () => {
  const { headers, body } = signed('{"type":"a"}');
  const right = headers["webhook-signature"] ?? "";
  const of = (signature: string) =>
    reading(provider, { headers: { ...headers, "webhook-signature": signature }, body }).kind;
  expect(of(`v1,AAAA ${right} v2,what v1a,ever`)).toBe("event");
  expect(of(`v1,AAAA v1,${"A".repeat(43)}=`)).toBe("refused");
  expect(of(right.replace("v1,", "v1a,"))).toBe("refused");
  expect(of(right.slice(3))).toBe("refused");
  expect(of(`${"v1,AAAA ".repeat(10)}${right}`)).toBe("refused");
});

test("reads the headers of Svix", () => {
  const { headers, body } = signed('{"type":"a"}');
  const svix = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.replace(/^webhook-/, "svix-"), value]),
  );
  expect(reading(provider, { headers: svix, body })).toMatchObject({ event: { id: "msg_1" } });
  // Not half of the one and half of the other.
  const { "svix-id": id = "", ...withoutId } = svix;
  const mixed = { ...withoutId, "webhook-id": id };
  expect(reading(provider, { headers: mixed, body }).kind).toBe("refused");
});

test("takes no id with a dot, by which a text could be taken apart in two ways", () => {
  const { headers, body } = signed('{"type":"a"}', now, { ...json, "webhook-id": "a.1" });
  expect(reading(provider, { headers, body })).toMatchObject({
    kind: "refused",
    reason: expect.stringContaining("without a dot"),
  });
});

test("verifies what was signed with a private key, by the public one", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const asymmetric = standardWebhooksProvider({ theirs: `whpk_${raw.toString("base64")}` });
  const body = '{"type":"user.created"}';
  const time = String(now.getTime() / 1_000);
  const made = sign(null, Buffer.from(`msg_1.${time}.${body}`), privateKey).toString("base64");
  const headers = { ...json, "webhook-timestamp": time, "webhook-signature": `v1a,${made}` };
  expect(reading(asymmetric, { headers, body })).toMatchObject({
    kind: "event",
    event: { secret: "theirs" },
  });
  for (let at = 0; at < made.length; at += 1) {
    const other = made[at] === "A" ? "B" : "A";
    const signature = `v1a,${made.slice(0, at)}${other}${made.slice(at + 1)}`;
    const changed = { ...headers, "webhook-signature": signature };
    expect(reading(asymmetric, { headers: changed, body }).kind).toBe("refused");
  }
  // The last digit has bits that mean nothing: one text for one signature.
  const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const last = made.slice(0, -3);
  for (const digit of digits.replace(made.at(-3) ?? "", "")) {
    const changed = { ...headers, "webhook-signature": `v1a,${last}${digit}==` };
    expect(reading(asymmetric, { headers: changed, body }).kind).toBe("refused");
  }
  expect(reading(asymmetric, { headers, body: `${body} ` }).kind).toBe("refused");
  const bytes = Buffer.from(body);
  expect(() => asymmetric.sign({ headers: json, body: bytes, sentAt: now })).toThrow(
    /a public key proves signatures and makes none/,
  );
});

test.each([
  ["whsec_MfKQ9r8GKYqrTwjUPD8", /secret "0" is not the base64 of at least 24 bytes/],
  ["no base64 at all, is it?", /secret "0" is not the base64/],
  ["whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", /public key "0" is not the base64 of 32 bytes/],
  ["whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", /secret "0" is not the base64/],
])("does not come to be with the secret %s", (given, message) => {
  const start = () => undefined;
  const runAs = { token: "a-token" };
  const construct = () => standardWebhooks({ secret: given, runAs, start });
  expect(construct).toThrow(message);
  expect(construct).toThrow(expect.objectContaining({ code: "invalid_config" }));
});

test.each([0, -1, 1.5, 3_601, Number.NaN, Number.POSITIVE_INFINITY])(
  "does not come to be with a tolerance of %d seconds",
  (toleranceSeconds) => {
    expect(() => standardWebhooksProvider(secret, { toleranceSeconds })).toThrow(
      /toleranceSeconds must be a whole number from 1 to 3600/,
    );
  },
);

test.each(["01614265330", "1614265330.0", " 1614265330", "1e9", "-1614265330", "161426533000"])(
  "refuses the time %j, also where it is signed",
  (time) => {
    const body = '{"type":"a"}';
    const key = Buffer.from(secret.slice(6), "base64");
    const content = `msg_1.${time}.${body}`;
    const signature = `v1,${createHmac("sha256", key).update(content).digest("base64")}`;
    const headers = { ...json, "webhook-timestamp": time, "webhook-signature": signature };
    expect(reading(provider, { headers, body })).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("no whole number of seconds"),
    });
  },
);

test("has the tolerance that is asked for", () => {
  const strict = standardWebhooksProvider(secret, { toleranceSeconds: 10 });
  const at = (seconds: number) => {
    const sent = signed('{"type":"a"}', new Date(now.getTime() + seconds * 1_000));
    return reading(strict, sent).kind;
  };
  expect([at(-11), at(-10), at(10), at(11)]).toEqual(["refused", "event", "event", "refused"]);
});
