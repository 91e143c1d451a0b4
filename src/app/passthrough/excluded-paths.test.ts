import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileExcludedPaths, type ExcludedPath } from "./excluded-paths.ts";

const paths: readonly ExcludedPath[] = [
  "/health",
  "/docs/",
  "/größe",
  "/a b",
  { prefix: "/public/" },
  { prefix: "/assets" },
];
const isExcluded = compileExcludedPaths(paths);

test.each([
  "/health",
  "/health?next=/me",
  "/health?",
  "/docs/",
  "/gr%C3%B6%C3%9Fe",
  "/gr%c3%b6%c3%9fe",
  "/a%20b",
  "/public/",
  "/public/logo.png",
  "/public/a/b/",
  "/public/.well-known/x",
  "/public/...",
  "/public/gr%C3%B6%C3%9Fe",
  "/assets",
  "/assets/",
  "/assets/app.js?v=../../me",
])("%s needs no credential", (target) => {
  expect(isExcluded(target)).toBe(true);
});

test.each([
  // Another path.
  "/me",
  "/",
  "",
  "/Health",
  "/health/",
  "/health/me",
  "/docs",
  "/public",
  "/publicity",
  "/assetsx",
  "/x/public/y",
  "/x?/health",
  // Another form of the target.
  "*",
  "health",
  "//health",
  "http://host/health",
  "//host/public/x",
  "/health#",
  "/health#/me",
  "/health;x",
  "/health%3Fx",
  "/health%00",
  // Another spelling, which a router may or may not take for the same path.
  "/%68ealth",
  "/he%61lth",
  "/gr\xc3\xb6\xc3\x9fe",
  "/gr%F6%DFe",
  "/a b",
  "/a+b",
  // Ways out of a folder.
  "/public/../me",
  "/public/..",
  "/public/.",
  "/public/./x",
  "/public/x/../../me",
  "/public/%2e%2e/me",
  "/public/%2E./me",
  "/public%2f..%2fme",
  "/public%2fx",
  "/public/..%2fme",
  "/public/x%2fy",
  "/public/%5c..%5cme",
  "/public/\\..\\me",
  "/public\\x",
  "\\public\\x",
  "/public/..;/me",
  "/public;x/y",
  "/public/x;y",
  "/public//me",
  "//public/x",
  "/public/x//y",
  "/public/%252e%252e/me",
  "/public/%zz",
  "/public/%",
  "/public/%FF",
  "/public/%C0%AE%C0%AE/me",
  "/public/%E2%80%AE",
  "/public/x\0",
  "/public/x\ty",
  "/public/x#/../../me",
])("%j needs a credential", (target) => {
  expect(isExcluded(target)).toBe(false);
});

describe("what cannot be recognised safely is refused at the start", () => {
  test.each<unknown>([
    "",
    "health",
    "//health",
    "/a//b",
    "/a/../b",
    "/.",
    "/a;b",
    "/a\\b",
    "/a%2fb",
    "/a?b",
    "/a#b",
    "/a\nb",
    "/\ud800",
    { prefix: "public" },
    { prefix: "/a/.." },
    { prefix: "/" },
    { prefix: "" },
    {},
    null,
    7,
    /health/,
  ])("%j", (path) => {
    expect(() => compileExcludedPaths([path as ExcludedPath])).toThrow(
      expect.objectContaining({
        code: "invalid_config",
        message: expect.stringContaining("excludedPaths"),
      }),
    );
  });
});

/** Decodes, splits and compares, and takes only what is spelled as `URL` spells it. */
function naively(target: string, { exact, folder }: { exact: string; folder: string }): boolean {
  const [path = ""] = target.split("?");
  const url = new URL("http://host");
  try {
    url.pathname = decodeURIComponent(path);
  } catch {
    return false;
  }
  if (url.pathname !== path || /[;#\\%]/.test(decodeURIComponent(path))) return false;
  const segments = path.split("/").slice(1);
  const inner = path.endsWith("/") ? segments.slice(0, -1) : segments;
  if (inner.some((segment) => ["", ".", ".."].includes(segment))) return false;
  const wanted = folder.split("/").slice(1);
  return (
    decodeURIComponent(path) === exact ||
    (segments.length >= wanted.length && wanted.every((part, index) => part === segments[index]))
  );
}

test("for random targets it equals a naive oracle, and never a target that a parser would change", () => {
  const part = fc.constantFrom(
    ..."a b ab a/b / . .. ... %2e %2E %2f %5c \\ ; ? # %25 %61 é %C3%A9 // a; ~ +".split(" "),
  );
  const target = fc.array(part, { maxLength: 8 }).map((parts) => `/${parts.join("")}`);
  const plain = fc.array(fc.constantFrom("a", "b", "ab"), { minLength: 1, maxLength: 2 });
  fc.assert(
    fc.property(target, plain, plain, (sent, exactParts, folderParts) => {
      const exact = `/${exactParts.join("/")}`;
      const folder = `/${folderParts.join("/")}`;
      const found = compileExcludedPaths([exact, { prefix: folder }])(sent);
      expect(found).toBe(naively(sent, { exact, folder }));
      if (found) expect(new URL(`http://host${sent}`).pathname).toBe(sent.split("?")[0]);
    }),
    { numRuns: 3000 },
  );
});
