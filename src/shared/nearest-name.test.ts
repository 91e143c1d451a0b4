import fc from "fast-check";
import { expect, test } from "vitest";
import { nearestName } from "./nearest-name.ts";

test.each([
  ["vlaues", "values"],
  ["Values", "values"],
  ["valeus", "values"],
  ["windw", "window"],
  ["y", "x"],
  ["zzzzzz", undefined],
  ["constructor", undefined],
])("%s means %s", (given, meant) => {
  expect(nearestName(given, ["values", "window", "x"])).toBe(meant);
});

test("it answers one of the names or nothing, and a name itself when it is there", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (given, names) => {
      expect([...names, undefined]).toContain(nearestName(given, names));
      if (given.length <= 100) {
        expect(nearestName(given, [...names, given])?.toLowerCase()).toBe(given.toLowerCase());
      }
    }),
  );
});
