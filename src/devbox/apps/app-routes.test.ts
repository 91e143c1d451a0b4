import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AppSchema, type SpecSchema } from "../../idl/apps.ts";
import type { AppRow } from "../store/apps.ts";
import { createAppRoutes } from "./app-routes.ts";

const development = { project: "flytesnacks", domain: "development" };

function toRow(
  id: number,
  name: string,
  spec: MessageInitShape<typeof SpecSchema> = {},
  scope: { readonly project: string; readonly domain: string } = development,
): AppRow {
  const app = toBinary(AppSchema, create(AppSchema, { spec }));
  const by = { reason: "", created_by: "alice", changed_by: "alice", created_at: 0, updated_at: 0 };
  return { id, name, ...scope, revision: 1, app, ...by };
}

const options = { gatewayUrl: "http://localhost:30081" };
const home = "hello-flytesnacks-development.localhost";

test("an app is found by each of its names, in any case", () => {
  const routes = createAppRoutes(options);
  routes.set(toRow(7, "hello", { ingress: { subdomain: "greet", cname: "Hello.Example.com" } }));
  for (const host of [home, home.toUpperCase(), "greet.localhost", "hello.example.com"]) {
    expect(routes.find(host)).toMatchObject({ id: 7, name: "hello", allowAnonymous: false });
  }
  for (const host of ["hello", "greet", "localhost", "example.com", `a.${home}`, "__proto__"]) {
    expect(routes.find(host)).toBeUndefined();
  }
});

test("the addresses have the gateway's port", () => {
  const routes = createAppRoutes(options);
  const row = toRow(1, "hello", { ingress: { cname: "Hello.example.com" } });
  expect(routes.publicUrl(row)).toBe(`http://${home}:30081`);
  expect(routes.customUrl(row)).toBe("http://hello.example.com:30081");
  expect(routes.customUrl(toRow(2, "plain"))).toBeUndefined();
});

test("what a request needs to know follows the row", () => {
  const routes = createAppRoutes(options);
  routes.set(toRow(1, "hello"));
  expect(routes.find(home)).toMatchObject({ allowAnonymous: false, requestTimeoutMs: 300_000 });
  const spec = {
    securityContext: { allowAnonymous: true },
    timeouts: { requestTimeout: { seconds: 2n, nanos: 500_000_000 } },
  };
  routes.set(toRow(1, "hello", spec));
  expect(routes.find(home)).toMatchObject({ allowAnonymous: true, requestTimeoutMs: 2_500 });
});

test("a name that an app gives up leads nowhere", () => {
  const routes = createAppRoutes(options);
  routes.set(toRow(1, "hello", { ingress: { subdomain: "old" } }));
  routes.set(toRow(1, "hello", { ingress: { subdomain: "new" } }));
  expect(routes.find("old.localhost")).toBeUndefined();
  expect(routes.find("new.localhost")?.id).toBe(1);
  routes.delete(1);
  expect([routes.find("new.localhost"), routes.find(home)]).toEqual([undefined, undefined]);
});

test("a name that another app has is taken, and is not taken away", () => {
  const routes = createAppRoutes(options);
  routes.set(toRow(1, "hello", { ingress: { subdomain: "greet" } }));
  const second = toRow(2, "other", { ingress: { subdomain: "greet" } });
  expect(routes.taken(second)).toBe("greet.localhost");
  routes.set(second);
  expect(routes.find("greet.localhost")?.id).toBe(1);
  routes.delete(1);
  expect(routes.find("greet.localhost")?.id).toBe(2);
  expect(routes.taken(second)).toBeUndefined();
});

test("a subdomain cannot be the address of another app, nor dashes confuse two", () => {
  const routes = createAppRoutes(options);
  routes.set(toRow(1, "hello"));
  const thief = { ingress: { subdomain: "hello-flytesnacks-development" } };
  expect(routes.taken(toRow(2, "thief", thief))).toBe(home);
  const scope = { project: "b-c", domain: "development" };
  routes.set(toRow(3, "a", {}, scope));
  expect(routes.taken(toRow(4, "a-b", {}, { ...scope, project: "c" }))).toBe(
    "a-b-c-development.localhost",
  );
});

test("names that are none are not taken up", () => {
  const routes = createAppRoutes(options);
  routes.set(toRow(1, "hello", { ingress: { subdomain: "a/b", cname: "u@c:80" } }));
  expect(routes.customUrl(toRow(1, "hello", { ingress: { cname: "c:80" } }))).toBeUndefined();
  expect(routes.find("c")).toBeUndefined();
});

test("after any changes, each name leads to the first of those who want it", () => {
  const change = fc.record({
    id: fc.integer({ min: 1, max: 4 }),
    subdomain: fc.option(fc.constantFrom("a", "b", "c")),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const routes = createAppRoutes(options);
      let wishes: { id: number; subdomain: string }[] = [];
      for (const { id, subdomain } of changes) {
        wishes = wishes.filter((wish) => wish.id !== id || wish.subdomain === subdomain);
        if (subdomain === null) {
          routes.delete(id);
          continue;
        }
        routes.set(toRow(id, `app-${id}`, { ingress: { subdomain } }));
        if (!wishes.some((wish) => wish.id === id)) wishes.push({ id, subdomain });
      }
      for (const host of ["a", "b", "c"]) {
        const first = wishes.find(({ subdomain }) => subdomain === host);
        expect(routes.find(`${host}.localhost`)?.id).toBe(first?.id);
      }
    }),
  );
});
