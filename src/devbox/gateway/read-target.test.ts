import type { IncomingHttpHeaders } from "node:http";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GatewayProblem } from "./problem.ts";
import { readTarget, type Target } from "./read-target.ts";

/** A request with headers as Node.js keeps them: the first of two. */
function read(
  url: string,
  headers: readonly (readonly [string, string])[] = [["Host", "a.localhost"]],
  method = "GET",
): Target {
  const byName: IncomingHttpHeaders = {};
  for (const [name, value] of headers) byName[name.toLowerCase()] ??= value;
  const rawHeaders = headers.flat();
  return readTarget({ method, url, httpVersion: "1.1", headers: byName, rawHeaders });
}

describe("a target", () => {
  test.each([
    ["/", "/"],
    ["//b/c", "//b/c"],
    ["/?a=http://b", "/?a=http://b"],
    ["http://a.localhost", "/"],
    ["http://A.LOCALHOST/x", "/x"],
    ["http://a.localhost?q", "/?q"],
    ["HTTP://a.localhost/x//y?z", "/x//y?z"],
  ])("%s is the path %s", (url, path) => {
    expect(read(url)).toMatchObject({ host: "a.localhost", hostname: "a.localhost", path });
  });

  test.each([
    "",
    "x",
    "*",
    "/#",
    "http://b/",
    "http://a.localhost:80/",
    "http://a.localhost@b/",
    "http://b@a.localhost/",
    "http:///x",
    "http:/a.localhost/",
    "https://a.localhost/",
    "a.localhost:80",
    "http://a.localhost\\@b/",
  ])("%j is none", (url) => {
    expect(() => read(url)).toThrow(GatewayProblem);
  });

  test("of any form is a path or a problem", () => {
    const part = fc.constantFrom(
      "/",
      "http://",
      "a.localhost",
      "@",
      ":",
      "?",
      "#",
      "\\",
      "x",
      "*",
      "//",
      "%2f",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        try {
          expect(read(parts.join("")).path).toMatch(/^\/[^#]*$/);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayProblem);
        }
      }),
    );
  });
});

describe("a body", () => {
  const host = ["Host", "a.localhost"] as const;
  test.each([
    [[], false],
    [[["Content-Length", "0"]], false],
    [[["Content-Length", "5"]], true],
    [[["Transfer-Encoding", "Chunked"]], true],
  ] as const)("with %j: %s", (headers, hasBody) => {
    expect(read("/", [host, ...headers], "POST").hasBody).toBe(hasBody);
  });

  test.each([
    [
      ["Content-Length", "5"],
      ["Transfer-Encoding", "chunked"],
    ],
    [["Transfer-Encoding", "chunked, chunked"]],
    [["Transfer-Encoding", " chunked"]],
    [["Content-Length", "05"]],
    [["Content-Length", "1e3"]],
    [["Content-Length", "9999999999999999"]],
    [
      ["Content-Length", "5"],
      ["content-length", "5"],
    ],
    [
      ["Upgrade", "websocket"],
      ["Content-Length", "5"],
    ],
  ] as const)("is refused with %j", (...headers) => {
    expect(() => read("/", [host, ...headers], "POST")).toThrow(GatewayProblem);
  });
});
