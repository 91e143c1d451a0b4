import { expect, test } from "vitest";
import { now, reading, type Sent } from "../../../../test/support/hook-deliveries.ts";
import { cloudEvents, cloudEventsProvider } from "./cloud-events.ts";

const token = "a-token-of-the-sender";
const provider = cloudEventsProvider({
  token,
  origins: ["eventgrid.azure.net"],
  eventsPerMinute: 120,
});
const authorization = `Bearer ${token}`;
const attributes = { specversion: "1.0", id: "1", source: "/orders", type: "order.placed" };
const binary = {
  authorization,
  "ce-specversion": "1.0",
  "ce-id": "1",
  "ce-source": "/orders",
  "ce-type": "order.placed",
};

function structured(event: object, contentType = "application/cloudevents+json"): Sent {
  return { headers: { authorization, "content-type": contentType }, body: JSON.stringify(event) };
}

test("reads structured mode, with extensions", () => {
  const event = { ...attributes, partition: "7", data: { total: 3 } };
  expect(
    reading(provider, structured(event, "application/CloudEvents+json; charset=UTF-8")),
  ).toEqual({
    kind: "event",
    event: {
      provider: "cloudevents",
      type: "order.placed",
      id: "/orders 1",
      sentAt: undefined,
      payload: event,
      secret: "0",
    },
  });
});

test.each([
  ["application/json", '{"total":3}', { data: { total: 3 } }],
  ["text/plain", "three", { data: "three" }],
  ["image/png", "\u0001", { data_base64: "AQ==" }],
])("reads binary mode with data of %s", (contentType, body, data) => {
  const headers = { ...binary, "content-type": contentType, "CE-Subject": "Euro%20%E2%82%AC" };
  expect(reading(provider, { headers, body })).toMatchObject({
    event: {
      id: "/orders 1",
      payload: { ...attributes, subject: "Euro €", datacontenttype: contentType, ...data },
    },
  });
});

test("understands quoted attributes of older senders", () => {
  const headers = { ...binary, "ce-subject": '"a \\"b\\""' };
  expect(reading(provider, { headers, body: "" })).toMatchObject({
    event: { payload: { subject: 'a "b"' } },
  });
});

test.each<[string, Sent, RegExp]>([
  ["a batch", structured([attributes], "application/cloudevents-batch+json"), /one by one/],
  ["Avro", structured(attributes, "application/cloudevents+avro"), /alone is taken/],
  ["another version", structured({ ...attributes, specversion: "0.3" }), /specversion/],
  ["no source", structured({ ...attributes, source: "" }), /id, source and type/],
  ["no attributes", { headers: { authorization }, body: "{}" }, /specversion/],
  [
    "bytes that are no UTF-8",
    { headers: { ...binary, "ce-subject": "%C0%A0" }, body: "" },
    /percent/,
  ],
  ["half an escape", { headers: { ...binary, "ce-subject": "%" }, body: "" }, /percent/],
  [
    "an attribute twice",
    { headers: { ...binary, "ce-id": ["1", "2"] }, body: "" },
    /more than once/,
  ],
  ["data among the headers", { headers: { ...binary, "ce-data": "1" }, body: "" }, /no attribute/],
])("does not understand %s", (_, sent, reason) => {
  expect(reading(provider, sent)).toEqual({
    kind: "malformed",
    reason: expect.stringMatching(reason),
  });
});

test("takes a bearer in any case, and no other scheme", () => {
  const kindOf = (given: string) =>
    reading(provider, { headers: { ...binary, authorization: given }, body: "" }).kind;
  expect(kindOf(`bearer ${token}`)).toBe("event");
  expect(kindOf(`Basic ${token}`)).toBe("refused");
  expect(kindOf(token)).toBe("refused");
});

test("takes no attributes that an HMAC over the body has not signed", () => {
  const signing = cloudEventsProvider({ hmac: { secret: token, header: "x-signature" } });
  const { authorization: _, ...headers } = binary;
  const sent = signing.sign({ headers, body: Buffer.from("{}"), sentAt: now });
  expect(reading(signing, { headers: sent, body: "{}" })).toMatchObject({
    kind: "malformed",
    reason: expect.stringContaining("not signed"),
  });
});

test("shakes hands with the origins that are listed, and with no other", () => {
  const ask = (origin: string) =>
    reading(provider, {
      method: "OPTIONS",
      headers: { "webhook-request-origin": origin, "webhook-request-callback": "http://x/" },
      body: "",
    });
  expect(ask("EventGrid.azure.net")).toEqual({
    kind: "answer",
    status: 200,
    headers: {
      allow: "POST",
      "webhook-allowed-origin": "EventGrid.azure.net",
      "webhook-allowed-rate": "120",
    },
    body: undefined,
    what: "handshake",
  });
  for (const origin of ["evil.example", "*", "eventgrid.azure.net.evil.example"]) {
    expect(ask(origin)).toEqual({
      kind: "answer",
      status: 403,
      body: undefined,
      what: "handshake",
    });
  }
  const none = reading(provider, { method: "OPTIONS", headers: {}, body: "" });
  expect(none.kind).toBe("refused");
  expect(provider.otherMethods).toEqual(["OPTIONS"]);
  expect(cloudEventsProvider({ token }).otherMethods).toEqual([]);
});

test.each([
  [{}, /neither token nor hmac is given/],
  [{ token, hmac: { secret: token, header: "x" } }, /both token and hmac are given/],
  [{ token, origins: ["*"] }, /origins must be names of hosts/],
  [{ token, origins: ["https://a.example"] }, /origins must be names of hosts/],
  [{ token, eventsPerMinute: 0 }, /eventsPerMinute must be a whole number/],
  [{ token: "short" }, /Hook "orders": token: it has 5 characters/],
])("does not come to be with %j", (options, message) => {
  const common = { name: "orders", runAs: { token: "a-token" }, start: () => undefined };
  expect(() => cloudEvents({ ...common, ...options })).toThrow(message);
});
