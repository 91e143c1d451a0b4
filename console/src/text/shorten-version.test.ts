import { expect, test } from "vitest";
import { shortenVersion } from "./shorten-version.ts";

test.each([
  ["v1", "v1"],
  ["ts-78f651d03081423df91a7c9df217d501", "ts-78f651d03…"],
  ["a\u202Eb", "a[U+202E]b"],
])("%j is shown as %j", (version, shown) => {
  expect(shortenVersion(version)).toBe(shown);
});
