import fc from "fast-check";
import { expect, test } from "vitest";
import { readAddress } from "./read-address.ts";

test("an address is what comes before the target that was asked", () => {
  fc.assert(
    fc.property(
      fc.webUrl({ validSchemes: ["http", "https"] }).map((url) => new URL(url).href),
      fc.constantFrom("/inspect", "/inspect/deliveries/inspect/1/replay", "/inspect/audit?limit=5"),
      (url, target) => {
        const address = url.replace(/\/+$/, "");
        expect(readAddress(`${address}${target}`, target)).toBe(address);
      },
    ),
  );
});

test.each([
  [null],
  [""],
  ["/inspect"],
  ["http://127.0.0.1:8080"],
  ["http://127.0.0.1:8080/inspect/audit"],
  ["//127.0.0.1:8080/inspect"],
  ["http:///inspect"],
  ["javascript:alert(1)//inspect"],
  ["data:text/html,x/inspect"],
  ["file:///etc/inspect"],
  ["http://user:secret@127.0.0.1/inspect"],
  ["http://127.0.0.1/?a=/inspect"],
  ["http://127.0.0.1/#/inspect"],
])("%j names none", (location) => {
  expect(readAddress(location, "/inspect")).toBeUndefined();
});

test("what a shell would read is an address only as it is encoded", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const address = readAddress(`http://h/${text}/inspect`, "/inspect");
      if (address !== undefined) expect(address).toMatch(/^http:\/\/h[!-~]*$/);
    }),
  );
});
