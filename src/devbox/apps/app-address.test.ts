import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHost, toAppLabel } from "./app-address.ts";

const scope = { project: "flytesnacks", domain: "development" };

test("a label is name, project and domain in lower case", () => {
  expect(toAppLabel({ ...scope, name: "Hello" })).toBe("hello-flytesnacks-development");
});

test("a label that is too long is cut and gets a hash of what it stands for", () => {
  expect(toAppLabel({ ...scope, name: "a".repeat(39) })).toHaveLength(63);
  const one = toAppLabel({ ...scope, name: "a".repeat(60) });
  const other = toAppLabel({ ...scope, name: "a".repeat(61) });
  expect(one).toMatch(/^a{54}-[0-9a-f]{8}$/);
  expect(other).not.toBe(one);
  expect(toAppLabel({ project: "proj", domain: "dev", name: `x${"y".repeat(70)}` })).toBe(
    `x${"y".repeat(53)}-ef2e2c45`,
  );
});

test("a label is a host name", () => {
  const part = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?$/);
  fc.assert(
    fc.property(part, part, part, (name, project, domain) => {
      const host = `${toAppLabel({ name, project, domain })}.localhost`;
      expect(parseHost(`${host}:30081`)).toEqual({ hostname: host, port: 30_081 });
    }),
  );
});

describe("a host", () => {
  test.each([
    ["a.localhost", "a.localhost", undefined],
    ["A.LocalHost:80", "a.localhost", 80],
    ["a.localhost.", "a.localhost", undefined],
    ["a.localhost.:1", "a.localhost", 1],
    ["127.0.0.1:30081", "127.0.0.1", 30_081],
    ["[::1]:30081", "[::1]", 30_081],
    ["app.example.com:65535", "app.example.com", 65_535],
  ])("%s is read", (text, hostname, port) => {
    expect(parseHost(text)).toEqual({ hostname, port });
  });

  test.each([
    "",
    " ",
    ".",
    "a..b",
    ".a",
    "a..",
    "-a",
    "a-",
    "a b",
    "a,b",
    "a, a",
    "a/b",
    "a/",
    "a?b",
    "a#b",
    "a\\b",
    "u@a",
    "u:p@a",
    "a:",
    "a:b",
    "a:-1",
    "a:+1",
    "a:65536",
    "a:123456",
    "a:1:2",
    "a%2eb",
    "a\tb",
    "a\0",
    "é",
    "http://a",
    "[::1",
    "::1",
    "[a]b",
    "[::1%eth0]",
    `${"a".repeat(64)}.b`,
    "a.".repeat(140),
  ])("%j is none", (text) => {
    expect(parseHost(text)).toBeUndefined();
  });

  test("any text is read or not, without an error, and what was read is read again as the same", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        const address = parseHost(text);
        if (address === undefined) return;
        const { hostname, port } = address;
        expect(parseHost(port === undefined ? hostname : `${hostname}:${port}`)).toEqual(address);
      }),
    );
  });
});
