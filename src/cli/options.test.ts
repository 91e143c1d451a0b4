import { InvalidArgumentError } from "commander";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCount, parseDuration, parsePort } from "./parse-argument.ts";

test("every port is read, and nothing else is", () => {
  fc.assert(fc.property(fc.nat(65_535), (port) => parsePort(String(port)) === port));
  for (const text of ["", " 80", "-1", "65536", "0x50", "8e3", "80.0", "eighty"]) {
    expect(() => parsePort(text)).toThrow(InvalidArgumentError);
  }
});

test("a count is a whole number from 1", () => {
  expect(parseCount("20")).toBe(20);
  for (const text of ["0", "-1", "1.5", "", "many"]) {
    expect(() => parseCount(text)).toThrow(InvalidArgumentError);
  }
});

test("a duration is read into milliseconds, and a wrong one is refused by the option", () => {
  expect(parseDuration("90s")).toBe(90_000);
  expect(parseDuration("1h30m")).toBe(5_400_000);
  expect(() => parseDuration("soon")).toThrow(InvalidArgumentError);
});
