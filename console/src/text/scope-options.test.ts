import { expect, test } from "vitest";
import { toScopeOptions } from "./scope-options.ts";

test("a project is one word of the command, whatever the address names", () => {
  expect(toScopeOptions({ project: "p", domain: "d" })).toBe("-p p -d d");
  expect(toScopeOptions({ project: "a b; c", domain: "d" })).toBe("-p 'a b; c' -d d");
});
