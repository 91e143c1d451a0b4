import type { MessageInitShape } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import {
  Filter_Function,
  type FilterSchema,
  type ListRequestSchema,
  Sort_Direction,
} from "../../src/idl/identifiers.ts";
import {
  type AppsClient,
  appId,
  appNamed,
  connectApps,
  servingApp,
} from "../support/devbox-apps.ts";
import { codeOf } from "../support/devbox-client.ts";

const { EQUAL, NOT_EQUAL, VALUE_IN, CONTAINS, GREATER_THAN } = Filter_Function;
const { ASCENDING, DESCENDING } = Sort_Direction;

type Request = Exclude<MessageInitShape<typeof ListRequestSchema>, { readonly $typeName: string }>;
type Filter = Exclude<MessageInitShape<typeof FilterSchema>, { readonly $typeName: string }>;

/** In the order in which they are made. */
const names = ["mango", "apple", "cherry", "melon", "banana", "fig", "grape"];

let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  for (const name of names) await alice().apps.create({ app: appNamed(name) });
  await alice().apps.create({ app: appNamed("apple", { domain: "production" }) });
  await alice().apps.create({ app: appNamed("zebra", { domain: "staging" }) });
});

afterAll(() => devbox?.close());

const alice = () => connectApps(devbox, "alice");
const development = project("development");

function project(domain: string) {
  return { case: "project", value: { name: "flytesnacks", domain } } as const;
}

async function page(
  request: Request,
  filterBy: Parameters<AppsClient["apps"]["list"]>[0]["filterBy"] = development,
  client = alice(),
): Promise<{ readonly names: string[]; readonly token: string }> {
  const { apps, token } = await client.apps.list({ request, filterBy });
  return { names: apps.map((app) => app.metadata?.id?.name ?? ""), token };
}

async function pages(request: Request): Promise<string[][]> {
  const all: string[][] = [];
  for (let token = ""; ; ) {
    const next = await page({ ...request, token });
    all.push(next.names);
    token = next.token;
    if (token === "") return all;
  }
}

const byName = (direction: Sort_Direction) => ({ sortBy: { key: "name", direction } });
const byTime = (direction: Sort_Direction) => ({ sortBy: { key: "created_at", direction } });

describe("order and pages", () => {
  test("apps come by name, all at once unless a limit is given", async () => {
    expect(await page({})).toEqual({ names: names.toSorted(), token: "" });
    expect(await pages({ limit: 3 })).toEqual([
      ["apple", "banana", "cherry"],
      ["fig", "grape", "mango"],
      ["melon"],
    ]);
  });

  test("the order is the one asked for", async () => {
    const orders: readonly (readonly [Request, readonly string[]])[] = [
      [byName(ASCENDING), names.toSorted()],
      [byName(DESCENDING), names.toSorted().reverse()],
      [byTime(ASCENDING), names],
      [byTime(DESCENDING), names.toReversed()],
      [{ sortByFields: [{ key: "created_at", direction: ASCENDING }] }, names],
    ];
    for (const [request, expected] of orders) {
      expect((await page(request)).names).toEqual(expected);
    }
  });

  test("pages of any size tell every app once, in the same order", async () => {
    const order = fc.constantFrom(
      ...[ASCENDING, DESCENDING].flatMap((way) => [byName(way), byTime(way)]),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), order, async (limit, sort) => {
        const all = await pages({ ...sort, limit });
        expect(all.flat()).toEqual((await page(sort)).names);
        expect(all.slice(0, -1).every(({ length }) => length === limit)).toBe(true);
        expect(all.at(-1)?.length).toBeGreaterThan(0);
      }),
      { numRuns: 20 },
    );
  });

  test("apps that come and go between two pages move no other", async () => {
    const first = await page({ limit: 3 });
    await alice().apps.delete({ appId: appId("cherry") });
    await alice().apps.delete({ appId: appId("apple") });
    await alice().apps.create({ app: appNamed("aaa") });
    await alice().apps.create({ app: appNamed("kiwi") });
    const second = await page({ limit: 3, token: first.token });
    expect(second.names).toEqual(["fig", "grape", "kiwi"]);
    for (const name of ["aaa", "kiwi"]) await alice().apps.delete({ appId: appId(name) });
    for (const name of ["apple", "cherry"]) await alice().apps.create({ app: appNamed(name) });
  });

  const tokens = ["x", "3", "\0", "bnVsbA", Buffer.from('["name",1,2]').toString("base64url")];

  test.each(tokens)("the token %j is refused", async (token) => {
    await expect(page({ token })).rejects.toThrow(
      "[invalid_argument] token is not one of an earlier answer in the same order",
    );
  });

  test("a token of another order is refused", async () => {
    const { token } = await page({ limit: 1 });
    expect(await codeOf(page({ limit: 1, token, ...byTime(ASCENDING) }))).toBe("InvalidArgument");
  });

  test("other orders are refused", async () => {
    await expect(page({ sortBy: { key: "phase" } })).rejects.toThrow(
      '[invalid_argument] invalid sort field: "phase"; use one of name, created_at',
    );
    const both = [{ key: "name" }, { key: "created_at" }];
    await expect(page({ sortByFields: both })).rejects.toThrow("apps are sorted by one field");
  });
});

describe("scopes", () => {
  test("a list is of a domain, of a project or of everything", async () => {
    expect((await page({}, project("production"))).names).toEqual(["apple"]);
    const everything = ["apple", ...names.toSorted(), "zebra"];
    for (const scope of [
      project(""),
      { case: "org", value: "any" } as const,
      { case: undefined },
    ]) {
      expect((await page({}, scope)).names).toEqual(everything);
    }
    expect(
      (await page({}, { case: "project", value: { name: "absent", domain: "" } })).names,
    ).toEqual([]);
    expect(await codeOf(page({}, { case: "clusterId", value: { name: "c" } }))).toBe(
      "Unimplemented",
    );
  });
});

describe("filters", () => {
  const list = async (...filters: Filter[]) => (await page({ filters })).names;

  test("by name", async () => {
    expect(await list({ function: CONTAINS, field: "name", values: ["me"] })).toEqual(["melon"]);
    expect(await list({ function: EQUAL, field: "name", values: ["fig"] })).toEqual(["fig"]);
    const both = { function: VALUE_IN, field: "name", values: ["fig", "apple", "zebra"] };
    expect(await list(both)).toEqual(["apple", "fig"]);
    const hostile = "' OR 1=1 --";
    expect(await list({ function: CONTAINS, field: "name", values: [hostile] })).toEqual([]);
  });

  test("by creator", async () => {
    const by = (subject: string) =>
      list({ function: EQUAL, field: "created_by", values: [subject] });
    expect(await by("alice")).toHaveLength(names.length);
    expect(await by("bob")).toEqual([]);
  });

  test("by how they are doing, also page by page", async () => {
    const status = (field: string, how: Filter_Function, ...values: string[]) => ({
      field,
      function: how,
      values: values.map((name) => `DEPLOYMENT_STATUS_${name}`),
    });
    await alice().apps.create({ app: appNamed("cherry", servingApp()) });
    const active = status("status_phase", EQUAL, "ACTIVE");
    await expect.poll(() => list(active), { timeout: 20_000 }).toEqual(["cherry"]);
    const others = names.toSorted().filter((name) => name !== "cherry");
    expect(await list(status("deployment_status", EQUAL, "STOPPED"))).toEqual(others);
    expect(await list(status("deployment_status", NOT_EQUAL, "ACTIVE"))).toEqual(others);
    expect(await list(status("status_phase", VALUE_IN, "FAILED", "ACTIVE"))).toEqual(["cherry"]);
    expect(await list(status("status_phase", VALUE_IN, "FAILED"))).toEqual([]);
    const named = { function: CONTAINS, field: "name", values: ["a"] };
    expect(await list(active, named)).toEqual([]);
    const inPages = await pages({ limit: 2, filters: [status("status_phase", EQUAL, "STOPPED")] });
    expect(inPages).toEqual([others.slice(0, 2), others.slice(2, 4), others.slice(4)]);
  });

  const refused: readonly (readonly [Filter, string])[] = [
    [
      { function: EQUAL, field: "status_phase", values: ["7"] },
      'the filter on status_phase has the status "7"; use DEPLOYMENT_STATUS_ and one of UNSPECIFIED, ',
    ],
    [
      { function: EQUAL, field: "status_phase", values: [] },
      "the filter on status_phase has no value",
    ],
    [
      { function: CONTAINS, field: "status_phase", values: ["DEPLOYMENT_STATUS_ACTIVE"] },
      "the filter on status_phase takes EQUAL, NOT_EQUAL or VALUE_IN",
    ],
    [
      { function: EQUAL, field: "deployment_status", values: ["ACTIVE", "FAILED"] },
      "the filter on deployment_status takes one value; use VALUE_IN",
    ],
    [
      { function: EQUAL, field: "labels.team", values: ["x"] },
      'invalid filter field: "labels.team"; use one of project, domain, name, created_by, created_at, updated_at',
    ],
    [{ function: GREATER_THAN, field: "created_at", values: ["soon"] }, "needs an RFC 3339 time"],
  ];

  test.each(refused)("%j is refused", async (filter, message) => {
    await expect(page({ filters: [filter] })).rejects.toThrow(message);
  });
});
