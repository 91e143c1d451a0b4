import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { connectionOptions, toAppHeaders, toTrailers } from "./forwarded-headers.ts";
import { headerKinds, kindsOf } from "./header-kinds.ts";

const isReserved = (header: string): boolean => (kindsOf(header) & headerKinds.reserved) !== 0;

const origin = { remoteAddress: "127.0.0.1", host: "a.localhost:30081", port: 30_081 };
const name = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$/);
const headers = fc.array(fc.tuple(name, fc.stringMatching(/^[\x21-\x7e]{0,10}$/)), {
  maxLength: 10,
});

test("what is reserved is so in every case and with every sign for a dash", () => {
  const signs = [..."-_.~!#$%&'*+^`|"];
  fc.assert(
    fc.property(
      fc.constantFrom("X-Flyte-User-Subject", "Remote-User", "X-Forwarded-For", "SSL-Client-Cert"),
      fc.array(fc.constantFrom(...signs), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      (header, replaced, isUpper) => {
        let at = 0;
        const spelt = header.replaceAll("-", () => replaced[at++ % replaced.length] ?? "-");
        expect(isReserved(isUpper ? spelt.toUpperCase() : spelt.toLowerCase())).toBe(true);
      },
    ),
  );
});

test.each([
  "Accept",
  "Authorization",
  "authorization",
  "Flyte-Authorization",
  "Host",
  "Content-Length",
  "Content_Type",
  "X-Api-Key",
  "X-Request-Id",
  "X-Requested-With",
  "User-Agent",
  "Cookie",
  "Origin",
  "Range",
  "Via",
  "X-Hub-Signature-256",
  "traceparent",
  "__proto__",
  "constructor",
])("%s is the client's to send", (header) => {
  expect(isReserved(header)).toBe(false);
});

test("whatever comes, the app gets no header twice that the gateway sets, and each value is one line", () => {
  const own = /^(?:forwarded|x-forwarded-.*|x-real-ip|x-flyte-user-.*)$/;
  const caller = fc.record({
    subject: fc.string(),
    name: fc.string({ unit: "binary" }),
    email: fc.string(),
  });
  fc.assert(
    fc.property(headers, caller, (sent, who) => {
      const got = toAppHeaders(sent.flat(), origin, who);
      const names = got.filter((_, at) => at % 2 === 0).map((one) => one.toLowerCase());
      const set = names.filter((one) => own.test(one));
      expect(new Set(set).size).toBe(set.length);
      expect(set).toHaveLength(9);
      for (const value of got.slice(-6)) expect(value).toMatch(/^[\x20-\x7e]*$/);
      expect(decodeURIComponent(got.at(-5) ?? "")).toBe(Buffer.from(who.subject).toString());
    }),
  );
});

test("headers that nobody reserves arrive in their order", () => {
  fc.assert(
    fc.property(headers, (sent) => {
      const plain = sent.filter(
        ([one]) => !isReserved(one) && !/^(connection|te|expect|upgrade)$/i.test(one),
      );
      expect(toAppHeaders(plain.flat(), origin, undefined).slice(0, 2 * plain.length)).toEqual(
        plain.flat(),
      );
    }),
  );
});

describe("Connection", () => {
  test("names what it names, over all its headers", () => {
    const sent = ["Connection", "close, X-A", "connection", " ,x-b,", "X-C", "x-d"];
    expect(connectionOptions(sent)).toEqual(["close", "x-a", "x-b"]);
  });

  test("takes away what it names, and nothing else", () => {
    const sent = ["Connection", "X-A", "X-A", "1", "X-B", "2", "x-a", "3"];
    expect(toAppHeaders(sent, origin, undefined).slice(0, 2)).toEqual(["X-B", "2"]);
  });
});

test("an address of IPv6 is quoted where it has to be", () => {
  const got = toAppHeaders([], { ...origin, remoteAddress: "::1" }, undefined);
  expect(got[1]).toBe('for="[::1]";host="a.localhost:30081";proto=http');
});

test("trailers say nothing that belongs into a head", () => {
  const sent = [
    "X-Sum",
    "1",
    "Authorization",
    "x",
    "X-Flyte-User-Name",
    "x",
    "Content-Length",
    "5",
  ];
  expect(toTrailers(sent)).toEqual([["X-Sum", "1"]]);
});
