import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { now, reading } from "../../../../test/support/hook-deliveries.ts";
import { stripe, stripeProvider } from "./stripe.ts";

const secret = "whsec_a_secret_of_an_endpoint";
const provider = stripeProvider(secret);
const body = '{"id":"evt_1","object":"event","type":"invoice.paid"}';
const time = String(now.getTime() / 1_000);

// https://docs.stripe.com/webhooks#verify-manually: the secret is taken as it is, with what it begins with.
const right = createHmac("sha256", secret).update(`${time}.${body}`).digest("hex");

function kindOf(signature: string): string {
  return reading(provider, { headers: { "stripe-signature": signature }, body }).kind;
}

test.each([
  [`t=${time},v1=${right}`, "event"],
  [`t=${time},v1=${"0".repeat(64)},v1=${right}`, "event"],
  [`t=${time},v1=${right},v0=${"0".repeat(64)}`, "event"],
  [`v1=${right},t=${time}`, "event"],
  [`t=${time},v0=${right}`, "refused"],
  [`t=${time}`, "refused"],
  [`v1=${right}`, "refused"],
  [`t=${time},t=${time},v1=${right}`, "refused"],
  [`t=${time}, v1=${right}`, "refused"],
  [`t=${time},v1=${right.toUpperCase()}`, "refused"],
  [`t=${time},${"v1=0,".repeat(10)}v1=${right}`, "refused"],
])("takes the signature %s: %s", (signature, kind) => {
  expect(kindOf(signature)).toBe(kind);
});

test("signs as it verifies", () => {
  const headers = provider.sign({ headers: {}, body: Buffer.from(body), sentAt: now });
  expect(headers).toEqual({ "stripe-signature": `t=${time},v1=${right}` });
});

test.each(["{}", '{"id":"evt_1"}', '{"type":"a"}', "[]", "", '{"id":1,"type":"a"}'])(
  "does not understand %s",
  (text) => {
    const headers = provider.sign({ headers: {}, body: Buffer.from(text), sentAt: now });
    expect(reading(provider, { headers, body: text })).toMatchObject({ kind: "malformed" });
  },
);

test("a hook knows the event object", async () => {
  const hook = stripe({
    secret,
    runAs: { token: "a-token" },
    events: ["checkout.session.*"],
    start: ({ type, payload }) => ({ task: "provision", inputs: { type, event: payload.id } }),
  });
  const headers = hook.from.sign({ headers: {}, body: Buffer.from(body), sentAt: now });
  const read = reading(hook.from, { headers, body });
  if (read.kind !== "event") throw new Error(read.kind);
  expect(await hook.start(read.event)).toMatchObject({ inputs: { event: "evt_1" } });
});
