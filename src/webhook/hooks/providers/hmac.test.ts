import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { now, reading } from "../../../../test/support/hook-deliveries.ts";
import { hmac, hmacProvider } from "./hmac.ts";
import type { HmacScheme } from "./hmac-scheme.ts";

const secret = "a secret of one's own";
const time = String(now.getTime() / 1_000);
const body = '{"type":"a.b","list":[{"x/y":"deep"}]}';

function mac(algorithm: string, content: string, encoding: "hex" | "base64"): string {
  return createHmac(algorithm, secret).update(content).digest(encoding);
}

test.each<[Omit<HmacScheme, "secret">, Readonly<Record<string, string>>]>([
  [{ header: "X-Sig" }, { "x-sig": mac("sha256", body, "hex") }],
  [
    { header: "X-Sig", algorithm: "sha512", encoding: "base64", prefix: "s=" },
    { "x-sig": `s=${mac("sha512", body, "base64")}` },
  ],
  [
    { header: "X-Sig", timestampHeader: "X-Time" },
    { "x-sig": mac("sha256", `${time}.${body}`, "hex"), "x-time": time },
  ],
  [
    {
      header: "x-sig",
      timestampHeader: "x-time",
      idHeader: "x-id",
      signed: "v0:{timestamp}:{id}:{body}!",
    },
    { "x-sig": mac("sha256", `v0:${time}:i-1:${body}!`, "hex"), "x-time": time, "x-id": "i-1" },
  ],
])("verifies and signs by %j", (scheme, headers) => {
  const provider = hmacProvider({ ...scheme, secret });
  expect(reading(provider, { headers, body })).toMatchObject({
    kind: "event",
    event: { type: "delivery", id: headers["x-id"], secret: "0" },
  });
  const given: Readonly<Record<string, string>> =
    headers["x-id"] === undefined ? {} : { "x-id": headers["x-id"] };
  expect(provider.sign({ headers: given, body: Buffer.from(body), sentAt: now })).toEqual(headers);
});

test.each<[object, Readonly<Record<string, string>>, string | undefined]>([
  [{ typeHeader: "X-Event" }, { "x-event": "ping" }, "ping"],
  [{ typeHeader: "X-Event" }, {}, undefined],
  [{ typeHeader: "X-Event" }, { "x-event": "a\u0000b" }, undefined],
  [{ typePointer: "/type" }, {}, "a.b"],
  [{ typePointer: "/list/0/x~1y" }, {}, "deep"],
  [{ typePointer: "/list/1/x~1y" }, {}, undefined],
  [{ typePointer: "/list/length" }, {}, undefined],
  [{ typePointer: "/constructor/name" }, {}, undefined],
])("takes the type by %j from %j: %s", (options, headers, type) => {
  const provider = hmacProvider({ secret, header: "x-sig", ...options });
  const sent = provider.sign({ headers, body: Buffer.from(body), sentAt: now });
  const read = reading(provider, { headers: sent, body });
  expect(read.kind === "event" ? read.event.type : undefined).toBe(type);
});

test.each([
  ["application/json", "7", 7],
  ["", "[1]", [1]],
  ["application/vnd.x+json", "null", null],
  ["application/x-www-form-urlencoded", "a=b&c=", { a: "b", c: "" }],
  ["text/plain; charset=utf-8", "hello", "hello"],
])("reads a body of %j: %s", (contentType, text, payload) => {
  const provider = hmacProvider({ secret, header: "x-sig" });
  const given: Readonly<Record<string, string>> =
    contentType === "" ? {} : { "content-type": contentType };
  const headers = provider.sign({ headers: given, body: Buffer.from(text), sentAt: now });
  expect(reading(provider, { headers, body: text })).toMatchObject({ event: { payload } });
});

test.each([
  [{ header: "" }, /header must be the name of a header/],
  [{ header: "x sig" }, /header must be the name of a header/],
  [{ algorithm: "sha1" }, /algorithm must be sha256 or sha512, not "sha1"/],
  [{ encoding: "binary" }, /encoding must be hex or base64/],
  [{ timestampHeader: "x\n" }, /timestampHeader must be the name/],
  [{ timestampHeader: "x-time", signed: "{body}" }, /a time that is not signed proves nothing/],
  [{ signed: "{timestamp}.{body}" }, /no timestampHeader is given/],
  [{ signed: "{id}.{body}" }, /no idHeader is given/],
  [{ signed: "fixed" }, /\{body\} must stand there once/],
  [{ signed: "{body}{body}" }, /\{body\} must stand there once/],
  [{ signed: "{body}{url}" }, /nothing is known of \{url\}/],
  [{ typePointer: "type" }, /typePointer must be a JSON pointer/],
  [{ typePointer: "/a~2" }, /typePointer must be a JSON pointer/],
])("does not come to be with %j", (options, message) => {
  const common = { secret, header: "x-sig", runAs: { token: "a-token" }, start: () => undefined };
  // What a program without types hands over.
  const construct = () => hmac({ ...common, ...options } as Parameters<typeof hmac>[0]);
  expect(construct).toThrow(message);
  expect(construct).toThrow(/^Hook "hmac": /);
});

test("a hook keeps the options of hooks, and no secret", () => {
  const hook = hmac({
    name: "billing",
    secret,
    header: "x-sig",
    runAs: { token: "a-token" },
    record: "deliveries",
    start: () => undefined,
  });
  expect(hook).toMatchObject({ name: "billing", record: "deliveries" });
  expect(Object.keys(hook).sort()).toEqual(["from", "name", "record", "start"]);
});
