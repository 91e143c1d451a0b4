import fc from "fast-check";
import { expect, test } from "vitest";
import type { Permission } from "./caller.ts";
import { grants, roleNames } from "./roles.ts";

const permissions: readonly Permission[] = ["read", "run", "deploy", "admin"];
const place = fc.constantFrom("a", "b", "*");
const role = fc.record({
  subject: fc.constant("x"),
  project: place,
  domain: place,
  role: fc.constantFrom(...roleNames, "owner", ""),
});

test("a role gives its own permission and those below, in its own scope", () => {
  const contributor = [{ subject: "x", project: "p", domain: "d", role: "contributor" }];
  const given = (project: string, domain: string) =>
    permissions.filter((permission) => grants(contributor, permission, { project, domain }));
  expect(given("p", "d")).toEqual(["read", "run"]);
  expect(given("p", "e")).toEqual([]);
  expect(given("q", "d")).toEqual([]);
  expect(given("p", "*")).toEqual([]);
  expect(given("*", "*")).toEqual([]);
});

test("a permission includes every lesser one, and more roles never take any away", () => {
  fc.assert(
    fc.property(fc.array(role), role, place, place, (roles, further, project, domain) => {
      const given = permissions.map((each) => grants(roles, each, { project, domain }));
      expect(given).toEqual(given.toSorted((left, right) => Number(right) - Number(left)));
      for (const [index, permission] of permissions.entries()) {
        if (given[index]) {
          expect(grants([...roles, further], permission, { project, domain })).toBe(true);
        }
      }
    }),
  );
});

test("what is asked of all domains needs a role for all of them", () => {
  fc.assert(
    fc.property(fc.array(role), fc.constantFrom(...permissions), (roles, permission) => {
      if (!grants(roles, permission, { project: "*", domain: "*" })) return;
      for (const domain of ["a", "b", "unheard of"]) {
        expect(grants(roles, permission, { project: "a", domain })).toBe(true);
      }
    }),
  );
});

test("without a role, or with an unknown one, nothing is given", () => {
  const unknown = [{ subject: "x", project: "*", domain: "*", role: "superuser" }];
  for (const permission of permissions) {
    expect(grants([], permission, { project: "p", domain: "d" })).toBe(false);
    expect(grants(unknown, permission, { project: "p", domain: "d" })).toBe(false);
  }
});
