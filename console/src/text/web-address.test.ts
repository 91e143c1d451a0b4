import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toWebAddress } from "./web-address.ts";

describe("toWebAddress", () => {
  test.each(["https://example.com/a?b#c", "http://127.0.0.1:9/x", "HTTPS://EXAMPLE.com/"])(
    "%s is a link",
    (uri) => {
      expect(toWebAddress(uri)).toBe(new URL(uri).href);
    },
  );

  test.each([
    "javascript:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "JavaScript://%0aalert(1)",
    "data:text/html,<script>",
    "file:///etc/passwd",
    "vbscript:x",
    "blob:https://example.com/1",
    "s3://bucket/key",
    "//example.com/",
    "/v2/domain",
    "https:",
    "https://",
    "http://[::1",
    "",
  ])("%j is none", (uri) => {
    expect(toWebAddress(uri)).toBeUndefined();
  });

  test("a link leads nowhere but to the web", () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl(), fc.string({ unit: "binary" })), (uri) => {
        const address = toWebAddress(uri);
        if (address !== undefined) expect(new URL(address).protocol).toMatch(/^https?:$/);
      }),
    );
  });
});
