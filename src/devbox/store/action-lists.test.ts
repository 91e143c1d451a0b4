import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { type ListRequest, ListRequestSchema, Sort_Direction } from "../../idl/identifiers.ts";
import {
  actionColumns,
  defaultRunOrder,
  runScopes,
  runTieBreak,
  selectRuns,
} from "./action-lists.ts";
import { insertAction } from "./actions.ts";
import { type Database, openDatabase } from "./database.ts";
import { buildListQuery } from "./list-query.ts";
import { migrate } from "./migrations.ts";
import { insertTaskSpec } from "./tasks.ts";

interface Stored {
  readonly project: string;
  readonly domain: string;
  readonly phase: number;
  readonly created_at: number;
}

function openStore(runs: readonly Stored[]): Database {
  const database = openDatabase(":memory:");
  migrate(database);
  database.writeNow(() => {
    insertTaskSpec(database, "digest", new Uint8Array());
    for (const [index, run] of runs.entries()) {
      insertAction(database, {
        ...run,
        ...{ run: `r${index}`, name: "a0", parent: null, environment: "", function_name: "" },
        ...{ task_project: "p", task_domain: "d", task_name: "t", task_version: "v" },
        ...{ task_type: "", spec_digest: "digest", run_spec: new Uint8Array(), inputs_uri: "" },
        ...{ run_base: "", source: 0, owner: "alice" },
      });
    }
  });
  return database;
}

function toQuery(request: Partial<Omit<ListRequest, "$typeName" | "$unknown">> = {}) {
  return buildListQuery({
    request: create(ListRequestSchema, request),
    columns: actionColumns,
    defaultOrder: defaultRunOrder,
    tieBreak: runTieBreak,
  });
}

const stored: fc.Arbitrary<Stored> = fc.record({
  project: fc.constantFrom("p", "q", "é"),
  domain: fc.constantFrom("d", "e"),
  phase: fc.integer({ min: 1, max: 8 }),
  created_at: fc.nat(5),
});
const scopesOf = (runs: readonly Stored[]) =>
  [...new Set(runs.map(({ project, domain }) => `${project}/${domain}`))].sort();

test("every scope with a run is found, each once", () => {
  fc.assert(
    fc.property(fc.array(stored, { maxLength: 30 }), (runs) => {
      const database = openStore(runs);
      const found = runScopes(database).map(({ project, domain }) => `${project}/${domain}`);
      void database.close();
      expect(found.sort()).toEqual(scopesOf(runs));
    }),
    { numRuns: 40 },
  );
});

test("following the tokens tells each run of the scopes once, whatever the page and order", () => {
  const limit = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(
      fc.array(stored, { maxLength: 30 }),
      limit,
      fc.boolean(),
      (runs, size, isSorted) => {
        const database = openStore(runs);
        const scopes = runScopes(database).filter(({ project }) => project !== "q");
        const sort = { key: "created_at", direction: Sort_Direction.ASCENDING } as never;
        const names: string[] = [];
        let token = "";
        do {
          const query = toQuery({ limit: size, token, sortByFields: isSorted ? [sort] : [] });
          const page = query.page(selectRuns(database, scopes, {}, query));
          expect(page.rows.length).toBeLessThanOrEqual(size);
          names.push(...page.rows.map(({ run }) => run));
          token = page.token;
        } while (token !== "");
        void database.close();
        const expected = runs.flatMap(({ project }, index) =>
          project === "q" ? [] : [`r${index}`],
        );
        expect(names.toSorted()).toEqual(expected.toSorted());
      },
    ),
    { numRuns: 60 },
  );
});

test("a page of one scope comes from an index, not from sorting all its runs", () => {
  const database = openStore([]);
  onTestFinished(() => database.close());
  const statements: string[] = [];
  const recording = new Proxy(database, {
    get: (target, name) => {
      if (name !== "prepare") return Reflect.get(target, name, target);
      return (sql: string) => {
        statements.push(sql);
        return target.prepare(sql);
      };
    },
  });
  selectRuns(recording, [{ project: "p", domain: "d" }], {}, toQuery());
  const [sql = ""] = statements;
  const plan = database
    .prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all("p", "d", 51, 0)
    .map(({ detail }) => detail)
    .join("\n");
  expect(plan).toContain("runs_by_phase");
  expect(plan).not.toContain("TEMP B-TREE");
});
