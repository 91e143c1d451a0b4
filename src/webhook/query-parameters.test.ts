import fc from "fast-check";
import { expect, test } from "vitest";
import {
  integerParameter,
  readQuery,
  requiredText,
  switchParameter,
  textParameter,
  version,
} from "./query-parameters.ts";

const all = [
  version,
  requiredText("path", "The path."),
  textParameter("method", "The method.", "GET"),
  switchParameter("wait", "Wait."),
  integerParameter("force", "Force.", 0),
];

test("defaults are filled in and unknown parameters ignored", () => {
  expect(readQuery(all, { path: "/", other: "x" })).toEqual({
    values: { path: "/", method: "GET", wait: false, force: 0, version: undefined },
    faults: [],
  });
});

for (const word of ["1", "true", "T", "yes", "Y", "on", "TRUE"]) {
  test(`${word} is true`, () => {
    expect(readQuery(all, { path: "/", wait: word }).values["wait"]).toBe(true);
  });
}

for (const word of ["0", "false", "F", "no", "N", "off"]) {
  test(`${word} is false`, () => {
    expect(readQuery(all, { path: "/", wait: word }).values["wait"]).toBe(false);
  });
}

test("all faults are reported together", () => {
  const query = { wait: "maybe", force: "1.5", version: "", method: ["GET", "POST"] };
  expect(readQuery(all, query).faults.map(({ path }) => path.join("."))).toEqual([
    "query.version",
    "query.path",
    "query.method",
    "query.wait",
    "query.force",
  ]);
});

test("integers are exact", () => {
  expect(readQuery(all, { path: "/", force: "-7" }).values["force"]).toBe(-7);
  for (const force of ["9007199254740993", "1e3", "0x10", "", " 1", "NaN"]) {
    expect(readQuery(all, { path: "/", force }).faults).toHaveLength(1);
  }
});

test("no query throws, and every parameter has a value or a fault", () => {
  const value = fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.string()));
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...all.map(({ name }) => name)), value), (query) => {
      const { values, faults } = readQuery(all, query);
      expect(Object.keys(values).length + faults.length).toBe(all.length);
    }),
  );
});
