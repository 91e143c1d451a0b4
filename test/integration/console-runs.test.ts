import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ListRuns, readChanged, readPage } from "../../console/src/pages/runs/read-runs.ts";
import {
  type RunFilters,
  toListFilters,
  toPredicate,
} from "../../console/src/pages/runs/run-filters.ts";
import { RunList } from "../../console/src/pages/runs/run-list.ts";
import { compareRuns, type RunRow } from "../../console/src/pages/runs/run-row.ts";
import { toRun } from "../../src/devbox/services/action-messages.ts";
import {
  actionColumns,
  defaultRunOrder,
  runTieBreak,
  selectRuns,
} from "../../src/devbox/store/action-lists.ts";
import { insertAction } from "../../src/devbox/store/actions.ts";
import { type Database, openDatabase } from "../../src/devbox/store/database.ts";
import { buildListQuery } from "../../src/devbox/store/list-query.ts";
import { migrate } from "../../src/devbox/store/migrations.ts";
import { insertTaskSpec } from "../../src/devbox/store/tasks.ts";
import { ListRequestSchema } from "../../src/idl/identifiers.ts";
import { phases } from "../../src/values/phases.ts";

/** What a devbox stores of a run. */
interface Stored {
  readonly name: string;
  readonly phase: number;
  readonly task: string;
  readonly owner: string;
  readonly startedMs: number;
}

const scope = { project: "p", domain: "d" };

function openStore(runs: readonly Stored[]): Database {
  const database = openDatabase(":memory:");
  migrate(database);
  database.writeNow(() => {
    insertTaskSpec(database, "digest", new Uint8Array());
    for (const run of runs) insert(database, run);
  });
  return database;
}

function insert(database: Database, { name, phase, task, owner, startedMs }: Stored): void {
  insertAction(database, {
    ...scope,
    ...{ run: name, name: "a0", parent: null, phase, owner, created_at: startedMs },
    ...{ task_project: "p", task_domain: "d", task_name: task, task_version: "v", task_type: "" },
    ...{ environment: "", function_name: "", spec_digest: "digest", run_spec: new Uint8Array() },
    ...{ inputs_uri: "", run_base: "", source: 0 },
  });
}

function setPhase(database: Database, name: string, phase: number, now: number): void {
  const sql = "UPDATE actions SET phase = ?, updated_at = ? WHERE run = ?";
  database.writeNow(() => database.prepare(sql).run(phase, now, name));
}

/** The devbox's answer to ListRuns, in pages of a size. */
function lister(database: Database, size: number): ListRuns {
  return async (init) => {
    const query = buildListQuery({
      request: create(ListRequestSchema, { ...init, limit: size }),
      columns: actionColumns,
      defaultOrder: defaultRunOrder,
      tieBreak: runTieBreak,
    });
    const { rows, token } = query.page(selectRuns(database, [scope], {}, query));
    return { runs: rows.map((row) => toRun(database, row)), token };
  };
}

async function readAll(list: ListRuns, filters: RunFilters): Promise<readonly RunRow[]> {
  const runs: RunRow[] = [];
  for (;;) {
    const page = await readPage(list, toListFilters(filters), runs.at(-1));
    runs.push(...page.runs);
    if (page.isLast) return runs;
  }
}

const nothing: RunFilters = { phases: [], task: "", owner: "" };
const time = fc.nat(6);
const text = fc.constantFrom("a", "A", "Ä", "ä", "ß", "İ", "%", "_", "aB", "b");
const stored = (names: fc.Arbitrary<string>): fc.Arbitrary<Stored> =>
  fc.record({
    name: names,
    phase: fc.integer({ min: 1, max: 10 }),
    task: fc.array(text, { maxLength: 4 }).map((parts) => parts.join("")),
    owner: fc.constantFrom("alice", "bob", "Bob"),
    startedMs: time,
  });
const storedRuns = fc.uniqueArray(stored(fc.stringMatching(/^[a-z][a-z0-9-]{0,2}[a-z0-9]$/)), {
  selector: ({ name }) => name,
  maxLength: 40,
});
const someFilters: fc.Arbitrary<RunFilters> = fc.record({
  phases: fc.subarray([...phases]).map((some) => (some.length > 6 ? [] : some)),
  task: fc.oneof(fc.constant(""), text),
  owner: fc.constantFrom("", "", "bob", "carol"),
  from: fc.option(time, { nil: undefined }),
  to: fc.option(time, { nil: undefined }),
});

test("a change is judged as the devbox judges what it lists", async () => {
  await fc.assert(
    fc.asyncProperty(storedRuns, someFilters, async (runs, filters) => {
      const database = openStore(runs);
      const every = await readAll(lister(database, 200), nothing);
      const listed = await readAll(lister(database, 200), filters);
      await database.close();
      expect(every).toHaveLength(runs.length);
      expect(listed).toEqual(every.filter(toPredicate(filters)));
    }),
    { numRuns: 150 },
  );
});

/** A run that begins, or the place of one that takes another phase. */
type Happening = { readonly phase: number } & (
  | { readonly startedMs: number }
  | { readonly at: number }
);

const phase = fc.integer({ min: 1, max: 10 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ at: fc.nat(39), phase }),
  fc.record({ startedMs: time, phase }),
);

/** Lets things happen, and answers with the names they happened to. */
function happen(
  database: Database,
  runs: readonly Stored[],
  turn: readonly Happening[],
  round: number,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [index, event] of turn.entries()) {
    const name = "at" in event ? runs[event.at]?.name : `new-${round}-${index}`;
    if (name === undefined) continue;
    names.add(name);
    if ("at" in event) setPhase(database, name, event.phase, 10);
    else database.writeNow(() => insert(database, { name, task: "a", owner: "bob", ...event }));
  }
  return names;
}

test("pages tell each run once, in order, whatever begins and ends between them", async () => {
  const size = fc.integer({ min: 1, max: 7 });
  const turns = fc.array(fc.array(happening, { maxLength: 4 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      ...([storedRuns, someFilters, size, turns, fc.boolean()] as const),
      async (runs, filters, limit, events, isTold) => {
        const database = openStore(runs);
        const list = new RunList(toPredicate(filters));
        for (let round = 0, isLast = false; !isLast; round += 1) {
          const reading = list.startReading();
          const filter = toListFilters(filters);
          const page = await readPage(lister(database, limit), filter, list.end);
          // What happens while the answer is on its way is told before it comes, or after.
          const names = happen(database, runs, events[round] ?? [], round);
          const every = await readAll(lister(database, 200), nothing);
          const changed = every.filter(({ name }) => names.has(name));
          if (isTold) list.change(changed, false);
          list.addPage(reading, page.runs, page.isLast);
          if (!isTold) list.change(changed, false);
          isLast = page.isLast;
        }
        const expected = await readAll(lister(database, 200), filters);
        await database.close();
        expect(list.runs).toEqual(expected);
        expect([...list.runs].sort(compareRuns)).toEqual(list.runs);
      },
    ),
    { numRuns: 200 },
  );
});

test("what changed while nobody told is read by when it changed", async () => {
  const runs = Array.from({ length: 30 }, (_, index) => ({
    ...{ name: `r${index}`, phase: 4, task: "t", owner: "bob", startedMs: index % 3 },
  }));
  const database = openStore(runs);
  for (const index of [3, 4, 17, 29]) setPhase(database, `r${index}`, 5, 1_000);
  const changed = await readChanged(lister(database, 2), 1_000);
  await database.close();
  expect(changed.map(({ name }) => name).sort()).toEqual(["r17", "r29", "r3", "r4"]);
});
