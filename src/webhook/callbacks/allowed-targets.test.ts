import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileTargets } from "./allowed-targets.ts";

describe("a list", () => {
  const fault = compileTargets(
    [
      "ci.example.com",
      "*.hooks.example.com",
      "https://ci.example.com:8443",
      "http://10.0.0.5:8080",
    ],
    true,
  );

  test.each([
    "https://ci.example.com",
    "https://ci.example.com/done?token=1",
    "https://CI.example.COM:443/",
    "https://ci.example.com:8443/",
    "https://a.hooks.example.com/",
    "https://a.b.hooks.example.com/",
    "http://10.0.0.5:8080/",
    "http://0xA.5:8080/", // the same address
  ])("allows %s", (url) => {
    expect(fault(url)).toBeUndefined();
  });

  test.each([
    "https://example.com/",
    "https://xci.example.com/",
    "https://ci.example.com.evil.org/",
    "https://ci.example.com./",
    "https://hooks.example.com/",
    "https://xhooks.example.com/",
    "https://.hooks.example.com/",
    "https://a.hooks.example.com:8443/",
    "http://ci.example.com/",
    "https://10.0.0.5:8080/",
    "http://10.0.0.5/",
    "http://10.0.0.6:8080/",
  ])("does not allow %s", (url) => {
    expect(fault(url)).toEqual(expect.any(String));
  });
});

test.each([
  ...["", "*", "*.", "*.com", ".example.com", "https://", "ftp://example.com", "example.com/path"],
  ...["user@example.com", "example.com?x", "EXAMPLE.com", "a b", "*.10.0.0.1", "a.*.example.com"],
  ...["https://https://a.example", "example.com.", "exämple.com", "example.com:99999"],
])("%j is no entry", (entry) => {
  expect(() => compileTargets([entry], true)).toThrow(/callbacks\.allow/);
});

test("an entry without TLS needs private addresses", () => {
  expect(() => compileTargets(["http://10.0.0.1"], false)).toThrow(/allowPrivate/);
});

test("whatever is asked for is judged, and what is allowed is at a host of the list", () => {
  const fault = compileTargets(["ci.example.com", "*.example.org"], false);
  const text = fc.oneof(
    fc.string(),
    fc.webUrl({ withQueryParameters: true }),
    fc
      .tuple(fc.string({ maxLength: 6 }), fc.constantFrom("ci.example.com", "a.example.org"))
      .chain(([odd, host]) =>
        fc.constantFrom(`https://${odd}${host}/`, `https://${host}${odd}`, `${odd}://${host}`),
      ),
  );
  fc.assert(
    fc.property(text, (url) => {
      if (fault(url) !== undefined) return;
      const { protocol, hostname, port, username, password } = new URL(url);
      expect([protocol, port, username, password]).toEqual(["https:", "", "", ""]);
      expect(hostname).toMatch(/^ci\.example\.com$|\.example\.org$/);
    }),
  );
});
