import fc from "fast-check";
import { expect, test } from "vitest";
import { compileAllowlist } from "./allowlist.ts";

test("without an allowlist everything is allowed, with an empty one nothing", () => {
  expect(compileAllowlist("task", undefined)("d", "p", "n")).toBe(true);
  expect(compileAllowlist("task", [])("d", "p", "n")).toBe(false);
  expect(compileAllowlist("app", undefined)("n")).toBe(true);
  expect(compileAllowlist("app", [])("n")).toBe(false);
  expect(compileAllowlist("trigger", undefined)("t", "n")).toBe(true);
  expect(compileAllowlist("trigger", [])("t", "n")).toBe(false);
});

const tasks: readonly (readonly [entry: string, path: string, allowed: boolean])[] = [
  ["production/etl/main", "production/etl/main", true],
  ["production/etl/main", "development/etl/main", false],
  ["production/etl/main", "production/etl2/main", false],
  ["etl/main", "production/etl/main", true],
  ["etl/main", "development/etl/main", true],
  ["etl/main", "development/other/main", false],
  ["main", "production/etl/main", true],
  ["main", "production/etl/main2", false],
  ["main", "main/main/other", false],
  ["env.main", "production/etl/env.main", true],
  ["env.main", "production/etl/envxmain", false],
  ["Main", "production/etl/main", false],
];

for (const [entry, path, allowed] of tasks) {
  test(`the task entry ${entry} ${allowed ? "allows" : "does not allow"} ${path}`, () => {
    const [domain = "", project = "", name = ""] = path.split("/");
    expect(compileAllowlist("task", [entry])(domain, project, name)).toBe(allowed);
  });
}

test("trigger entries are a name, or a task and a name", () => {
  const allowed = compileAllowlist("trigger", ["nightly", "etl.main/hourly"]);
  expect(allowed("any", "nightly")).toBe(true);
  expect(allowed("etl.main", "hourly")).toBe(true);
  expect(allowed("other", "hourly")).toBe(false);
});

test("an identifier with a slash inside never matches", () => {
  expect(compileAllowlist("task", ["a/b/c"])("a", "x", "b/c")).toBe(false);
  expect(compileAllowlist("task", ["b/c"])("a", "x", "b/c")).toBe(false);
  expect(compileAllowlist("trigger", ["a/b"])("x", "a/b")).toBe(false);
});

const malformed: readonly (readonly ["task" | "app" | "trigger", unknown])[] = [
  ["task", "a/b/c/d"],
  ["task", "a//c"],
  ["task", "/c"],
  ["task", "c/"],
  ["task", ""],
  ["task", "a/../c"],
  ["task", " c"],
  ["task", "c\u0000"],
  ["task", 7],
  ["app", "a/b"],
  ["app", ""],
  ["trigger", "a/b/c"],
  ["trigger", "/b"],
];

for (const [kind, entry] of malformed) {
  test(`the ${kind} entry ${JSON.stringify(entry)} is refused at construction`, () => {
    expect(() => compileAllowlist(kind, [entry as string])).toThrow(
      expect.objectContaining({ code: "invalid_config" }),
    );
  });
}

/** The rules of the original, word for word, for identifiers without slashes. */
function oracle(
  entries: readonly string[],
  domain: string,
  project: string,
  name: string,
): boolean {
  return entries.some(
    (entry) =>
      entry === `${domain}/${project}/${name}` ||
      (!entry.includes("/") && entry === name) ||
      (entry.split("/").length === 2 && entry === `${project}/${name}`),
  );
}

test("task decisions equal a naive reading of the rules", () => {
  const word = fc.constantFrom("a", "b", "a.b", "ab", "é", "A");
  const entry = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join("/"));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 4 }), word, word, word, (entries, d, p, n) => {
      expect(compileAllowlist("task", entries)(d, p, n)).toBe(oracle(entries, d, p, n));
    }),
    { numRuns: 500 },
  );
});
