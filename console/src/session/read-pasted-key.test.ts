import fc from "fast-check";
import { expect, test } from "vitest";
import { readPastedKey } from "./read-pasted-key.ts";

const key = "fwk_0123456789abcdef_0123456789012345678901234567890123456789-_A";

test.each([
  key,
  `  ${key}\r\n`,
  `"${key}"`,
  `'${key}'`,
  `“${key}”`.slice(1, -1),
  `Bearer ${key}`,
  `Authorization: Bearer ${key}`,
  `authorization:bearer   ${key}`,
  `flyte-authorization: Bearer ${key}`,
  `-H "Authorization: Bearer ${key}"`,
  `--header 'Authorization: Bearer ${key}'`,
  `"authorization": "Bearer ${key}",`,
  `FLYTE_API_KEY=${key}`,
  `export FLYTE_API_KEY="${key}"\n`,
  `$env:FLYTE_API_KEY = '${key}'`,
  `set FLYTE_API_KEY=${key}`,
])("the key is found in %j", (pasted) => {
  expect(readPastedKey(pasted)).toEqual({ key });
});

test.each([
  ["", /Enter an API key/],
  ["  \n", /Enter an API key/],
  ['""', /Enter an API key/],
  ["Bearer", undefined],
  ["$FLYTE_API_KEY", /name of a variable/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell replaces.
  ["Authorization: Bearer ${FLYTE_API_KEY}", /name of a variable/],
  [`${key} ${key}`, /no spaces/],
  ["schlüssel", /ASCII/],
  ["x".repeat(10_000), /too long/],
])("%j is answered in words", (pasted, words) => {
  const read = readPastedKey(pasted);
  if (words === undefined) expect(read).toEqual({ key: "Bearer" });
  else expect(read).toEqual({ fault: expect.stringMatching(words) });
});

test("whatever is pasted, a key is one that a header can carry", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom("Bearer ", '"', "'", "=", "export ", "-H ", key, "\n"))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const read = readPastedKey(text);
      if ("key" in read) expect(read.key).toMatch(/^[\x21-\x7e]{1,8192}$/);
      else expect(read.fault).not.toBe("");
    }),
  );
});

test("a key is found in any line that people copy", () => {
  const keys = fc.stringMatching(/^[A-Za-z0-9_-]{20,80}={0,2}$/);
  const quotes = fc.constantFrom("", '"', "'");
  const lines = fc.constantFrom("", "Bearer ", "Authorization: Bearer ", "export FLYTE_API_KEY=");
  fc.assert(
    fc.property(keys, quotes, lines, (any, quote, line) => {
      expect(readPastedKey(`${line}${quote}${any}${quote}\n`)).toEqual({ key: any });
      expect(readPastedKey(`${quote}${line}${any}${quote}`)).toEqual({ key: any });
    }),
  );
});
