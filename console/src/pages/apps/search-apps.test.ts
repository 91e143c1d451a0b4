import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type App, AppSchema, Status_DeploymentStatus } from "../../../../src/idl/apps.ts";
import { type AppListChange, applyChange, toAppName } from "./app-list.ts";
import { pageOf, searchApps } from "./search-apps.ts";

function app(name: string, shortDescription = ""): App {
  return create(AppSchema, {
    metadata: { id: { name } },
    spec: {
      profile: { shortDescription },
      creator: {
        principal: {
          case: "user",
          value: { id: { subject: "alice" }, spec: { firstName: "Alice", lastName: "Admin" } },
        },
      },
    },
    status: { conditions: [{ deploymentStatus: Status_DeploymentStatus.STOPPED }] },
  });
}

const all = [app("scoring", "Scores orders"), app("alerts"), app("site")];
const found = (search: string) => searchApps(all, search).map(toAppName);

test("all words have to be there, in any of name, state, description and owner", () => {
  expect(found("")).toEqual(["alerts", "scoring", "site"]);
  expect(found("  ORDERS ")).toEqual(["scoring"]);
  expect(found("stopped admin si")).toEqual(["site"]);
  expect(found("stopped nothing")).toEqual([]);
  expect(found("(")).toEqual([]);
});

test("pages hold each app once, and there is always one", () => {
  fc.assert(
    fc.property(fc.nat(260), fc.oneof(fc.integer(), fc.double()), (length, wanted) => {
      const items = Array.from({ length }, (_, index) => index);
      const { page, pages } = pageOf(items, wanted);
      expect(page).toBeGreaterThanOrEqual(1);
      expect(page).toBeLessThanOrEqual(pages);
      const together = Array.from({ length: pages }, (_, at) => pageOf(items, at + 1).items);
      expect(together.flat()).toEqual(items);
    }),
  );
});

test("what is known follows the changes", () => {
  const changes: readonly AppListChange[] = [
    { kind: "told", app: app("early") },
    { kind: "all", apps: [app("a"), app("b")] },
    { kind: "told", app: app("b", "changed") },
    { kind: "told", app: app("c") },
    { kind: "deleted", name: "a" },
    { kind: "deleted", name: "never" },
  ];
  let known: ReadonlyMap<string, App> | undefined;
  for (const change of changes) known = applyChange(known, change);
  expect([...(known?.keys() ?? [])]).toEqual(["b", "c"]);
  expect(known?.get("b")?.spec?.profile?.shortDescription).toBe("changed");
});
