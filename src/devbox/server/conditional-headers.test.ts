import fc from "fast-check";
import { expect, test } from "vitest";
import { type Coding, chooseCoding, isUnchanged } from "./conditional-headers.ts";

const both: readonly Coding[] = ["br", "gzip"];

test.each<[string | undefined, Coding]>([
  [undefined, "identity"],
  ["", "identity"],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip, deflate", "gzip"],
  ["GZIP", "gzip"],
  ["identity", "identity"],
  ["deflate", "identity"],
  ["*", "br"],
  ["br;q=0, *", "gzip"],
  ["*;q=0", "identity"],
  ["br;q=0.5, gzip;q=0.9", "gzip"],
  ["br;q=0.5, gzip;q=0.5", "br"],
  ["gzip;q=0.1, identity", "identity"],
  ["gzip, identity", "gzip"],
  ["identity;q=0", "identity"],
  ["identity;q=0, gzip;q=0.001", "gzip"],
  ["gzip;q=0", "identity"],
  ["gzip;q=0.000", "identity"],
  ["gzip; q=1.000", "gzip"],
  ["gzip;q=1.001", "identity"],
  ["gzip;q=-1", "identity"],
  ["gzip;q=abc", "identity"],
  ["gzip;q=1;q=1", "identity"],
  ["gzip;level=9", "identity"],
  [",,;;, ,gzip,", "gzip"],
  ["__proto__, constructor, gzip", "gzip"],
])("Accept-Encoding: %s gets %s", (header, coding) => {
  expect(chooseCoding(header, both)).toBe(coding);
});

test("what is refused or was never named is not sent encoded", () => {
  const quality = fc.constantFrom("", ";q=0", ";q=0.3", "; q=1", ";q=7", ";q=", ";x");
  const name = fc.constantFrom("br", "gzip", "identity", "deflate", "", "B R", "gzip/2");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, quality)), (parts) => {
      const header = parts.map(([first, second]) => first + second).join(", ");
      const coding = chooseCoding(header, both);
      if (coding === "identity") return;
      expect(parts.filter(([each]) => each === coding).map(([, its]) => its)).toEqual(
        expect.arrayContaining([expect.stringMatching(/^$|q=0\.3$|q=1$/)]),
      );
    }),
  );
});

test("garbage of any kind gets an answer", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 10_000 }), (header) => {
      expect(["br", "gzip", "identity"]).toContain(chooseCoding(header, both));
      expect(isUnchanged(header, '"never-in-there"')).toBe(header.trim() === "*");
    }),
  );
});

test.each<[string | undefined, boolean]>([
  [undefined, false],
  ["", false],
  ['"tag"', true],
  ['W/"tag"', true],
  ['"other", W/"tag"', true],
  ['"a,b",\t"tag" ', true],
  ["*", true],
  [" * ", true],
  ['"*"', false],
  ['"other", *', false],
  ["tag", false],
  ['"tag', false],
  ['"tagg"', false],
  ['w/"tag"', false],
])("If-None-Match: %s is answered with 304: %s", (header, isSame) => {
  expect(isUnchanged(header, '"tag"')).toBe(isSame);
});
