import fc from "fast-check";
import { expect, test } from "vitest";
import { toAppBase, toAppUrl } from "./app-address.ts";
import { appPathFault } from "./app-path.ts";

const pieces = [
  "a",
  "b.c",
  "...",
  ".",
  "..",
  "/",
  "//",
  "\\",
  "%2e",
  "%2E%2e",
  "%2f",
  "%5c",
  "%25",
  "%252e",
  "%252f",
  "%23",
  "%3f",
  "%00",
  "%0a",
  ";",
  "?",
  "#",
  "@",
  ":",
  "http:",
  "é",
  " ",
  "\t",
  "\n",
  "\u0000",
  "%e2%80%ae",
  "%zz",
  "%",
];
const path = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(""));
const base = "http://127.0.0.1:8080/apps/site";

/** What a server could make of a path that decodes and normalises it as often as it likes. */
function readings(given: string): readonly string[] {
  const found = [given];
  for (let index = 0; index < 10; index += 1) {
    const last = found.at(-1) ?? "";
    found.push(
      last.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number(`0x${hex}`))),
    );
  }
  return found;
}

test("a path that is taken stays below the app, however often it is decoded", () => {
  let taken = 0;
  fc.assert(
    fc.property(path, (given) => {
      if (appPathFault(given) !== undefined) return;
      taken += 1;
      const url = toAppUrl(new URL(base), given, "");
      expect(url?.href.startsWith(`${base}/`)).toBe(true);
      expect(url?.hash).toBe("");
      for (const reading of readings(url?.pathname ?? "")) {
        expect(reading).not.toMatch(/[\\\p{Cc}]|(?:^|\/)\.\.?(?:[/;]|$)/u);
      }
    }),
    { numRuns: 5_000 },
  );
  expect(taken).toBeGreaterThan(500);
});

test("any text is either taken or given a reason, and never changes the origin", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (given) => {
      const fault = appPathFault(given);
      if (fault !== undefined) expect(fault).toMatch(/^must /);
      else expect(toAppUrl(new URL(base), given, "")?.origin).toBe(new URL(base).origin);
    }),
    { numRuns: 5_000 },
  );
});

test("plain paths are taken", () => {
  for (const given of [
    "",
    "/",
    "a",
    "/a/b.c/",
    "/a?b=../c",
    "/...",
    "/a%20b%2Fc",
    "/100%25",
    "/é",
  ]) {
    expect(appPathFault(given), given).toBeUndefined();
  }
});

test("addresses are taken for what they say", () => {
  const everything = () => true;
  const hosts = ["a.example", "10.0.0.1", "[fd00::1]", "a.example:8080"];
  for (const host of hosts) {
    expect(toAppBase(`https://${host}/x`, everything)?.href).toBe(`https://${host}/x`);
    expect(toAppBase(`https://me@${host}/x`, everything)).toBeUndefined();
    expect(toAppBase(`https://${host}/x?y`, everything)).toBeUndefined();
    expect(toAppBase(`https://${host}/x#y`, everything)).toBeUndefined();
    expect(toAppBase(`gopher://${host}/x`, everything)).toBeUndefined();
  }
});
