import fc from "fast-check";
import { expect, test } from "vitest";
import { identifierFault, parameterNames, readPathParameters } from "./path-parameters.ts";

const template = "/run-task/{domain}/{project}/{name}";

/** What a router makes of a target: each segment decoded. */
function read(target: string) {
  const segments = (target.split("?")[0] ?? "").split("/");
  const [, , domain, project, name] = segments.map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
  return readPathParameters(template, target, { domain, project, name });
}

const refused: readonly string[] = [
  "/run-task/a%2Fb/c/d",
  "/run-task/a%2fb/c/d",
  "/run-task/a/b/..%2fc",
  "/run-task/a/b/c%252Fd",
  "/run-task/a/b/%252e%252e",
  "/run-task/a/b/c%5Cd",
  "/run-task/a/b/c\\d",
  "/run-task/a/b/c%00",
  "/run-task/a/b/c%0a",
  "/run-task/a/b/c%7f",
  "/run-task/a/b/c%C2%85",
  "/run-task/a/b/%E2%80%AEc",
  "/run-task/a/b/c%E2%80%8B",
  "/run-task/a/b/c%E2%80%A8",
  "/run-task/a/b/cafe%CC%81",
  "/run-task/a/b/..",
  "/run-task/a/b/%2e%2e",
  "/run-task/a/./c",
  "/run-task/a/%2e/c",
  "/run-task//b/c",
  "/run-task/a/b/",
  "/run-task/a/b/%20c",
  "/run-task/a/b/c%20",
  "/run-task/a/b/%zz",
  "/run-task/a/b/%ff",
  "/run-task/a/b/%ed%a0%80",
  "/run-task/a/b/c#d",
  "/run-task/a/b/c/d",
  `/run-task/a/b/${"x".repeat(256)}`,
];

for (const target of refused) {
  test(`${target.slice(0, 60)} is refused`, () => {
    expect(read(target).kind).toBe("refused");
  });
}

const accepted: readonly (readonly [target: string, name: string])[] = [
  ["/run-task/a/b/env.main", "env.main"],
  ["/run-task/a/b/env.main?version=..%2f", "env.main"],
  ["/run-task/a/b/%65nv.main", "env.main"],
  ["/run-task/a/b/caf%C3%A9", "café"],
  ["/run-task/a/b/c;x=1", "c;x=1"],
  ["/run-task/a/b/..c", "..c"],
  ["/run-task/a/b/100%25", "100%"],
];

for (const [target, name] of accepted) {
  test(`${target} names ${name}`, () => {
    expect(read(target)).toEqual({ kind: "ok", values: { domain: "a", project: "b", name } });
  });
}

test("a router that reads something else is not believed", () => {
  const routed = { domain: "a", project: "b", name: "other" };
  expect(readPathParameters(template, "/run-task/a/b/c", routed).kind).toBe("refused");
});

test("all faults are reported, each with its parameter", () => {
  const reading = read("/run-task/%2e/b%00/c");
  expect(reading.kind === "refused" && reading.faults.map(({ path }) => path)).toEqual([
    ["path", "domain"],
    ["path", "project"],
  ]);
});

test("whatever is accepted has no slash, no invisible character and one spelling", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (name) => {
      let target: string;
      try {
        target = `/run-task/a/b/${encodeURIComponent(name)}`;
      } catch {
        return; // a lone surrogate cannot be sent
      }
      const reading = read(target);
      if (reading.kind !== "ok") return;
      expect(reading.values["name"]).toBe(name);
      expect(name).not.toMatch(/[/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(name.normalize("NFC")).toBe(name);
      expect([".", ".."]).not.toContain(name);
    }),
    { numRuns: 500 },
  );
});

test("names that control planes give pass", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z][a-z0-9._-]{0,28}[a-z0-9]$/), (name) => {
      expect(identifierFault(name)).toBeUndefined();
    }),
  );
});

test("parameter names are those between braces", () => {
  expect(parameterNames(template)).toEqual(["domain", "project", "name"]);
  expect(parameterNames("/health")).toEqual([]);
});
