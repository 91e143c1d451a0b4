import fc from "fast-check";
import { expect, test } from "vitest";
import { compileEventFilter, patternFault } from "./event-filter.ts";

test.each([
  [["push"], "push", true],
  [["push"], "pushed", false],
  [["push"], "Push", false],
  [["pull_request.*"], "pull_request.opened", true],
  [["pull_request.*"], "pull_request", false],
  [["pull_request.*"], "pull_request.opened.again", false],
  [["*"], "push", true],
  [["*"], "pull_request.opened", false],
  [["*.*"], "pull_request.opened", true],
  [["invoice.*", "customer.*.created"], "customer.subscription.created", true],
  [["*_request.*ed"], "pull_request.opened", true],
  [["a*a"], "a", false],
  [["Push Hook"], "Push Hook", true],
  [["a+b"], "aab", false],
] as const)("the patterns %j and the event %s: %s", (patterns, type, taken) => {
  expect(compileEventFilter(patterns)(type)).toBe(taken);
});

test("without patterns every event is taken", () => {
  expect(compileEventFilter(undefined)("anything")).toBe(true);
});

test("a pattern means what the same pattern as a regular expression does", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 10 });
  const type = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 });
  fc.assert(
    fc.property(text, type, (pattern, given) => {
      const source = pattern.replaceAll(".", "\\.").replaceAll("*", "[^.]*");
      expect(compileEventFilter([pattern])(given)).toBe(new RegExp(`^${source}$`).test(given));
    }),
  );
});

test("a pattern of many stars is decided at once", () => {
  expect(compileEventFilter([`${"a*".repeat(90)}b`])("a".repeat(100_000))).toBe(false);
});

test.each([
  ["", "is no text"],
  [7, "is no text"],
  [undefined, "is no text"],
  ["x".repeat(201), "has more than 200 characters"],
  ["push\n", "cannot be seen"],
  [" push", "spaces at its ends"],
])("the pattern %j %s", (pattern, fault) => {
  expect(patternFault(pattern)).toContain(fault);
});
