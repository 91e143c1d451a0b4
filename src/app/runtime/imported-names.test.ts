import { expect, test } from "vitest";
import { importedNames } from "./imported-names.ts";

test.each<[string, readonly string[] | undefined]>([
  ["", []],
  ['import { a } from "flyte-webhook";', ["a"]],
  ['import { a, b as c, } from "flyte-webhook";', ["a", "b"]],
  [
    "import {\n  a,\n  b as\n c\n} from \"flyte-webhook\";\nimport {d} from'flyte-webhook';",
    ["a", "b", "d"],
  ],
  ['import { a } from "flyte-webhook/tasks";', []],
  ['import * as all from "flyte-webhook";', undefined],
  ['import "flyte-webhook";', undefined],
  ['import all, { a } from "flyte-webhook";', undefined],
  ['export * from "flyte-webhook";', undefined],
  ['export { a } from "flyte-webhook";', undefined],
  ['import { a } from "flyte-webhook";\nawait import("flyte-webhook");', undefined],
  ["require('flyte-webhook')", undefined],
  ['import { a } from "flyte-webhook";\nconst name = "flyte-webhook";', undefined],
  ["await import(`flyte-webhook`)", undefined],
])("%j", (module, names) => {
  expect(importedNames(module)).toEqual(names && new Set(names));
});
