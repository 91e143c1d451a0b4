import fc from "fast-check";
import { expect, test } from "vitest";
import { compileAllowlist } from "./allowlist.ts";

test("without an allowlist everything is allowed, with an empty one nothing", () => {
  expect(compileAllowlist("task", undefined)("d", "p", "n")).toBe(true);
  expect(compileAllowlist("task", [])("d", "p", "n")).toBe(false);
  expect(compileAllowlist("app", undefined)("d", "p", "n")).toBe(true);
  expect(compileAllowlist("app", [])("d", "p", "n")).toBe(false);
  expect(compileAllowlist("trigger", undefined)("d", "p", "t", "n")).toBe(true);
  expect(compileAllowlist("trigger", [])("d", "p", "t", "n")).toBe(false);
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

const apps: readonly (readonly [entry: string, path: string, allowed: boolean])[] = [
  ["site", "production/web/site", true],
  ["site", "production/web/site2", false],
  ["web/site", "production/web/site", true],
  ["web/site", "development/web/site", true],
  ["web/site", "production/shop/site", false],
  ["production/web/site", "production/web/site", true],
  ["production/web/site", "development/web/site", false],
  ["production/web/site", "web/production/site", false],
  // Where neither the request nor the control plane names a place, only the name can match.
  ["site", "//site", true],
  ["web/site", "//site", false],
];

for (const [entry, path, allowed] of apps) {
  test(`the app entry ${entry} ${allowed ? "allows" : "does not allow"} ${path}`, () => {
    expect(compileAllowlist("app", [entry])(...path.split("/"))).toBe(allowed);
  });
}

const triggers: readonly (readonly [entry: string, path: string, allowed: boolean])[] = [
  ["nightly", "production/etl/main/nightly", true],
  ["nightly", "production/etl/main/hourly", false],
  ["main/nightly", "production/etl/main/nightly", true],
  ["main/nightly", "production/etl/other/nightly", false],
  ["etl/main/nightly", "development/etl/main/nightly", true],
  ["etl/main/nightly", "production/web/main/nightly", false],
  ["production/etl/main/nightly", "production/etl/main/nightly", true],
  ["production/etl/main/nightly", "development/etl/main/nightly", false],
  // A project is not taken for a task.
  ["etl/nightly", "production/etl/main/nightly", false],
];

for (const [entry, path, allowed] of triggers) {
  test(`the trigger entry ${entry} ${allowed ? "allows" : "does not allow"} ${path}`, () => {
    expect(compileAllowlist("trigger", [entry])(...path.split("/"))).toBe(allowed);
  });
}

test("an identifier with a slash inside never matches", () => {
  expect(compileAllowlist("task", ["a/b/c"])("a", "x", "b/c")).toBe(false);
  expect(compileAllowlist("task", ["b/c"])("a", "x", "b/c")).toBe(false);
  expect(compileAllowlist("app", ["b/c"])("a", "x", "b/c")).toBe(false);
  expect(compileAllowlist("trigger", ["a/b"])("d", "p", "x", "a/b")).toBe(false);
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
  ["app", "a/b/c/d"],
  ["app", "a//b"],
  ["app", ""],
  ["trigger", "a/b/c/d/e"],
  ["trigger", "/b"],
];

for (const [kind, entry] of malformed) {
  test(`the ${kind} entry ${JSON.stringify(entry)} is refused at construction`, () => {
    expect(() => compileAllowlist(kind, [entry as string])).toThrow(
      expect.objectContaining({ code: "invalid_config" }),
    );
  });
}

/** An entry is the end of the full name, from a slash on. Written for names without slashes. */
function naive(entries: readonly string[], identifier: readonly string[]): boolean {
  return entries.some((entry) => `/${identifier.join("/")}`.endsWith(`/${entry}`));
}

for (const [kind, depth] of [
  ["task", 3],
  ["app", 3],
  ["trigger", 4],
] as const) {
  test(`${kind} decisions equal a naive reading of the rules`, () => {
    const word = fc.constantFrom("a", "b", "a.b", "ab", "é", "A");
    const entry = fc
      .array(word, { minLength: 1, maxLength: depth })
      .map((words) => words.join("/"));
    const identifier = fc.array(word, { minLength: depth, maxLength: depth });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 4 }), identifier, (entries, segments) => {
        expect(compileAllowlist(kind, entries)(...segments)).toBe(naive(entries, segments));
      }),
      { numRuns: 500 },
    );
  });
}
