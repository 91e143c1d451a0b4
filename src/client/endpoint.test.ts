import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import { parseEndpoint } from "./endpoint.ts";

test.each([
  ["e.com", "https://e.com"],
  ["e.com:8089", "https://e.com:8089"],
  ["dns:///e.com:8089", "https://e.com:8089"],
  ["dns:///e.com:8089/", "https://e.com:8089"],
  ["https://e.com:443", "https://e.com"],
  ["https://E.com/", "https://e.com"],
  ["http://localhost:8080", "http://localhost:8080"],
  [" localhost:30080 ", "https://localhost:30080"],
  ["[::1]:8090", "https://[::1]:8090"],
])("%j is spoken to at %s", (text, baseUrl) => {
  expect(parseEndpoint(text).baseUrl).toBe(baseUrl);
});

test("insecure decides only where no scheme is written", () => {
  const options = { insecure: true };
  expect(parseEndpoint("e.com:8089", options).baseUrl).toBe("http://e.com:8089");
  expect(parseEndpoint("dns:///e.com", options).baseUrl).toBe("http://e.com");
  expect(parseEndpoint("https://e.com", options).baseUrl).toBe("https://e.com");
  expect(parseEndpoint("http://e.com", { insecure: false }).secure).toBe(false);
});

test.each([
  "",
  "ftp://e.com",
  "dns://8.8.8.8/e.com",
  "https://",
  "https:///e.com",
  "//e.com",
  "https://e.com/path",
  "https://e.com//",
  "e.com?x=1",
  "e.com?",
  "e.com#x",
  "user:secret@e.com",
  "https://user@e.com",
  "e.com:99999",
  "e.com:x",
  "e .com",
  "e\\.com",
  "https:\\\\e.com",
  "e.com\n",
  "é.com",
  "dns:///https://e.com",
])("%j is refused", (text) => {
  // Trimming makes the trailing newline harmless, so it is put inside.
  expect(() => parseEndpoint(text === "e.com\n" ? "e.\ncom" : text)).toThrow(FlyteError);
});

test("a refusal repeats no credential", () => {
  expect(() => parseEndpoint("https://me:hunter2@e.com")).toThrow(/credentials/);
  expect(() => parseEndpoint("https://me:hunter2@e.com")).not.toThrow(/hunter2/);
  expect(() => parseEndpoint("https://e.com?token=hunter2")).not.toThrow(/hunter2/);
});

test.each([
  ["acme.us.example.com", "acme"],
  ["svc.ns.svc.cluster.local:80", "svc"],
  ["example.com", undefined],
  ["localhost:8090", undefined],
  ["10.0.0.1:8090", undefined],
  ["0x7f.1", undefined],
  ["[2001:db8::1]:80", undefined],
])("the organisation of %s is %s", (text, org) => {
  expect(parseEndpoint(text).org).toBe(org);
});

test.each([
  ["localhost", true],
  ["127.1.2.3:80", true],
  ["2130706433", true],
  ["[::1]", true],
  ["app.localhost", true],
  ["localhost.example.com", false],
  ["127.0.0.1.example.com", false],
  ["10.0.0.1", false],
])("whether %s is this machine: %s", (text, loopback) => {
  expect(parseEndpoint(text).loopback).toBe(loopback);
});

test("any text gives an origin that is read the same again, or our error", () => {
  const hostLike = fc.stringMatching(/^(dns:\/\/\/|https?:\/\/)?[a-z0-9.:[\]@/?#%-]{0,30}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string(), hostLike), fc.boolean(), (text, insecure) => {
      try {
        const endpoint = parseEndpoint(text, { insecure });
        expect(new URL(endpoint.baseUrl).origin).toBe(endpoint.baseUrl);
        expect(parseEndpoint(endpoint.baseUrl)).toEqual(endpoint);
      } catch (error) {
        if (!FlyteError.is(error)) throw error;
        expect(error.code).toBe("invalid_config");
      }
    }),
    { numRuns: 2_000 },
  );
});
