import fc from "fast-check";
import { expect, test } from "vitest";
import { readAddress } from "./read-address.ts";

test("an address of the web is taken, without a slash at its end", () => {
  fc.assert(
    fc.property(
      fc.webUrl({ validSchemes: ["http", "https"] }).map((url) => new URL(url).href),
      (url) => {
        expect(readAddress(url)).toBe(url.replace(/\/+$/, ""));
      },
    ),
  );
});

test.each([
  [null],
  [""],
  ["/webhook"],
  ["//127.0.0.1:8080"],
  ["http:///"],
  ["javascript:alert(1)"],
  ["data:text/html,x"],
  ["file:///etc/passwd"],
  ["http://user:secret@127.0.0.1/"],
  ["http://127.0.0.1/?a=/"],
  ["http://127.0.0.1/#/"],
])("%j names none", (location) => {
  expect(readAddress(location)).toBeUndefined();
});

test("what a shell would read is an address only as it is encoded", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const address = readAddress(`http://h/${text}`);
      if (address !== undefined) expect(address).toMatch(/^http:\/\/h[!-~]*$/);
    }),
  );
});
