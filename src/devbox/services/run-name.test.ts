import { expect, test } from "vitest";
import { isRunName } from "../../values/identifiers.ts";
import { createRunName } from "./run-name.ts";

test("a made-up name is 20 characters of the alphabet, a valid run name, and never the same", () => {
  const names = Array.from({ length: 1000 }, createRunName);
  expect(names.filter((name) => !/^r[bcdfghjklmnpqrstvwxz2456789]{19}$/.test(name))).toEqual([]);
  expect(names.every(isRunName)).toBe(true);
  expect(new Set(names).size).toBe(names.length);
});
