import fc from "fast-check";
import { expect, test } from "vitest";
import { readRoleClaims, toRoleWords } from "./role-claims.ts";

test("roles are read where they are told", () => {
  const role = { project: "*", domain: "development", role: "contributor" };
  expect(readRoleClaims({ roles: [role, { role: 1 }, null, "admin"] })).toEqual([role]);
  expect(readRoleClaims(undefined)).toEqual([]);
  expect(toRoleWords(role)).toBe("contributor in every project, development");
  expect(toRoleWords({ project: "*", domain: "*", role: "admin" })).toBe("admin everywhere");
});

test("whatever a control plane claims is no fault", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (roles) => {
      const claims = JSON.parse(JSON.stringify({ roles: roles ?? null }));
      for (const { role } of readRoleClaims(claims)) expect(role).toBeTypeOf("string");
    }),
  );
});
