import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  Filter_Function,
  type ListRequest,
  ListRequestSchema,
  Sort_Direction,
} from "../../idl/identifiers.ts";
import { FlyteError } from "../../shared/errors.ts";
import { openDatabase } from "./database.ts";
import { buildListQuery, type ListColumn } from "./list-query.ts";

const columns: Readonly<Record<string, ListColumn>> = {
  name: { sql: "name", type: "text" },
  size: { sql: "size", type: "integer" },
  created_at: { sql: "created_at", type: "time" },
};

interface Row {
  readonly name: string;
  readonly size: number | null;
  readonly created_at: number;
}

function list(
  rows: readonly Row[],
  request: ListRequest | undefined,
): { names: string[]; token: string } {
  const database = openDatabase(":memory:");
  database.execute("CREATE TABLE things (name TEXT, size INTEGER, created_at INTEGER) STRICT");
  const insert = database.prepare("INSERT INTO things VALUES (?, ?, ?)");
  for (const row of rows) insert.run(row.name, row.size, row.created_at);
  const query = buildListQuery({
    request,
    columns,
    defaultOrder: "name ASC",
    tieBreak: "name ASC",
  });
  const found = database
    .prepare<Row>(
      `SELECT * FROM things WHERE (${query.where}) ORDER BY ${query.orderBy} LIMIT ? OFFSET ?`,
    )
    .all(...query.parameters, query.limit + 1, query.offset);
  const page = query.page(found);
  return { names: page.rows.map(({ name }) => name), token: page.token };
}

const things: readonly Row[] = [
  { name: "alpha", size: 1, created_at: Date.parse("2026-01-01T00:00:00Z") },
  { name: "Beta", size: 2, created_at: Date.parse("2026-02-01T00:00:00Z") },
  { name: "be%ta", size: null, created_at: Date.parse("2026-03-01T00:00:00Z") },
  { name: "größe", size: 2, created_at: Date.parse("2026-04-01T00:00:00Z") },
];

const { EQUAL, NOT_EQUAL, GREATER_THAN, LESS_THAN_OR_EQUAL, CONTAINS } = Filter_Function;
const { CONTAINS_CASE_INSENSITIVE, VALUE_IN, ENDS_WITH, NOT_ENDS_WITH } = Filter_Function;

test.each([
  [EQUAL, "name", ["alpha"], ["alpha"]],
  [EQUAL, "name", ["be_ta"], []],
  [NOT_EQUAL, "size", ["2"], ["alpha", "be%ta"]],
  [GREATER_THAN, "size", ["1"], ["Beta", "größe"]],
  [LESS_THAN_OR_EQUAL, "created_at", ["2026-02-01T01:00:00+01:00"], ["Beta", "alpha"]],
  [CONTAINS, "name", ["eta"], ["Beta"]],
  [CONTAINS, "name", ["%"], ["be%ta"]],
  [CONTAINS_CASE_INSENSITIVE, "name", ["BE"], ["Beta", "be%ta"]],
  [VALUE_IN, "name", ["alpha"], ["alpha"]],
  [VALUE_IN, "size", ["1", "2"], ["Beta", "alpha", "größe"]],
  [ENDS_WITH, "name", ["öße"], ["größe"]],
  [ENDS_WITH, "name", [""], ["Beta", "alpha", "be%ta", "größe"]],
  [ENDS_WITH, "name", ["much longer than any of them"], []],
  [NOT_ENDS_WITH, "name", ["ta"], ["alpha", "größe"]],
])("filter function %i on %s with %j finds %j", (fn, field, values, expected) => {
  const request = create(ListRequestSchema, { filters: [{ function: fn, field, values }] });
  expect(list(things, request).names).toEqual(expected);
});

test("filters are joined by AND", () => {
  const request = create(ListRequestSchema, {
    filters: [
      { function: EQUAL, field: "size", values: ["2"] },
      { function: CONTAINS, field: "name", values: ["B"] },
    ],
  });
  expect(list(things, request).names).toEqual(["Beta"]);
});

test("several sorts go before the deprecated single one, and descending is the default", () => {
  const request = create(ListRequestSchema, {
    sortBy: { key: "name", direction: Sort_Direction.ASCENDING },
    sortByFields: [{ key: "size" }, { key: "created_at", direction: Sort_Direction.ASCENDING }],
  });
  expect(list(things, request).names).toEqual(["Beta", "größe", "alpha", "be%ta"]);
  const single = create(ListRequestSchema, { sortBy: { key: "created_at" } });
  expect(list(things, single).names).toEqual(["größe", "be%ta", "Beta", "alpha"]);
});

test.each([
  ["an unknown filter field", { filters: [{ field: "labels.x", values: ["1"] }] }],
  ["an inherited property as a field", { filters: [{ field: "constructor", values: ["1"] }] }],
  ["SQL as a field", { filters: [{ field: "name) OR (1=1", values: ["1"] }] }],
  ["an unknown sort field", { sortBy: { key: "secret" } }],
  ["a filter without values", { filters: [{ field: "name" }] }],
  ["two values for one comparison", { filters: [{ field: "name", values: ["a", "b"] }] }],
  ["a word for a number", { filters: [{ field: "size", values: ["x"] }] }],
  ["a word for a time", { filters: [{ field: "created_at", values: ["yesterday"] }] }],
  ["an unsupported function", { filters: [{ function: 8, field: "name", values: ["a"] }] }],
  ["text search in a number", { filters: [{ function: 6, field: "size", values: ["1"] }] }],
  ["a NUL character", { filters: [{ field: "name", values: ["a\0"] }] }],
  ["raw filters", { rawFilters: ["1=1"] }],
  ["a page beyond the cap", { limit: 201 }],
  ["a token of words", { token: "next" }],
  ["a negative token", { token: "-1" }],
  ["a huge token", { token: "9".repeat(40) }],
])("%s is refused as invalid input", (_, init) => {
  const request = create(ListRequestSchema, init);
  expect(() => list(things, request)).toThrowError(
    expect.objectContaining({ code: "invalid_input" }),
  );
});

test("pages cover every row once, in order, for any page size", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 1, max: 12 }),
      (count, limit) => {
        const rows = Array.from({ length: count }, (_, index) => ({
          name: `n${String(index).padStart(2, "0")}`,
          size: index % 3,
          created_at: 0,
        }));
        const seen: string[] = [];
        let token = "";
        do {
          const page = list(rows, create(ListRequestSchema, { limit, token }));
          seen.push(...page.names);
          token = page.token;
        } while (token !== "");
        expect(seen).toEqual(rows.map(({ name }) => name));
      },
    ),
    { numRuns: 40 },
  );
});

test("whatever the request says, the answer is a page or an invalid_input error", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom("name", "size", "created_at", "1", "", "'--"));
  const request = fc.record({
    limit: fc.nat(300),
    token: fc.oneof(fc.constant(""), fc.string(), fc.nat(9).map(String)),
    filters: fc.array(
      fc.record({ function: fc.nat(15), field: text, values: fc.array(text, { maxLength: 3 }) }),
      { maxLength: 3 },
    ),
    sortByFields: fc.array(fc.record({ key: text, direction: fc.constantFrom(0, 1) }), {
      maxLength: 3,
    }),
  });
  fc.assert(
    fc.property(request, (init) => {
      try {
        const { names } = list(things, create(ListRequestSchema, init));
        expect(things.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
      } catch (error) {
        if (!FlyteError.is(error)) throw error;
        expect(error.code).toBe("invalid_input");
      }
    }),
    { numRuns: 300 },
  );
});
