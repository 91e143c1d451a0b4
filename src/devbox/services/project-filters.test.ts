import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { parseProjectFilters } from "./project-filters.ts";

const row = { id: "snacks", name: "Snacks", description: "", labels: new Uint8Array(), state: 0 };

test.each([
  ["", true],
  ["eq(state,0)", true],
  ["eq(state,1)", false],
  ["contains(name,nack)+eq(identifier,snacks)", true],
  ["contains(name,nack)+ne(identifier,snacks)", false],
  ["eq(description,)", true],
])("%j lets the project through: %s", (filters, expected) => {
  expect(parseProjectFilters(filters)(row)).toBe(expected);
});

test("archived projects show only with filters", () => {
  const archived = { ...row, state: 1 };
  expect(parseProjectFilters("")(archived)).toBe(false);
  expect(parseProjectFilters("eq(name,Snacks)")(archived)).toBe(true);
});

test("any text is a filter or an invalid_input error", () => {
  const nearly = fc
    .tuple(
      fc.constantFrom("eq", "ne", "contains", "constructor", ""),
      fc.constantFrom("name", "state", "toString", "__proto__"),
      fc.string(),
    )
    .map(([name, field, value]) => `${name}(${field},${value})`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), nearly), (filters) => {
      try {
        expect(typeof parseProjectFilters(filters)(row)).toBe("boolean");
      } catch (error) {
        if (!FlyteError.is(error)) throw error;
        expect(error.code).toBe("invalid_input");
      }
    }),
  );
});
