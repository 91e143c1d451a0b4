import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../../src/devbox/apps/clock.ts";
import { type ActionRow, findActionById, insertAction } from "../../src/devbox/store/actions.ts";
import { insertCondition } from "../../src/devbox/store/conditions.ts";
import { type Database, openDatabase } from "../../src/devbox/store/database.ts";
import { migrate } from "../../src/devbox/store/migrations.ts";
import { ConditionActionSchema } from "../../src/idl/actions.ts";
import { LiteralSchema, SimpleType } from "../../src/idl/literals.ts";
import { ActionType } from "../../src/idl/runs.ts";
import { fromPhase, toPhase } from "../../src/values/phases.ts";
import {
  ended,
  openStore,
  phases,
  reached,
  type Script,
  scripted,
  startEngine,
  store,
  succeeded,
  untilAborted,
} from "../support/engine.ts";

/** Time that passes when the test says so. */
class TestClock implements Clock {
  time = 1_000_000;
  readonly #waiting = new Set<{ readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void): () => void {
    const one = { at: this.time + ms, callback };
    this.#waiting.add(one);
    return () => this.#waiting.delete(one);
  }

  pass(ms: number): void {
    this.time += ms;
    for (const one of [...this.#waiting].filter(({ at }) => at <= this.time)) {
      this.#waiting.delete(one);
      one.callback();
    }
  }
}

/** Stores an action below another. */
function child(database: Database, parent: ActionRow, name: string, deadline?: number): ActionRow {
  const isCondition = deadline !== undefined;
  return database.writeNow(() => {
    const { row } = insertAction(database, {
      ...parent,
      name,
      parent: parent.name,
      type: isCondition ? ActionType.CONDITION : ActionType.TASK,
      phase: fromPhase(isCondition ? "paused" : "queued"),
      function_name: name,
    });
    const spec = create(ConditionActionSchema, {
      name,
      type: { type: { case: "simple", value: SimpleType.STRING } },
    });
    if (isCondition) {
      const bytes = toBinary(ConditionActionSchema, spec);
      insertCondition(database, {
        action_id: row.id,
        spec: bytes,
        deadline: deadline === 0 ? null : deadline,
      });
    }
    return row;
  });
}

const text = (value: string) =>
  create(LiteralSchema, {
    value: {
      case: "scalar",
      value: { value: { case: "primitive", value: { value: { case: "stringValue", value } } } },
    },
  });

const phaseOf = (database: Database, { id }: ActionRow) =>
  toPhase(findActionById(database, id)?.phase ?? 0);

/** The parent goes on; what is below it ends at once. */
const parentsWait: Script = (request, hooks) => {
  if (request.action === "a0") return untilAborted(request, hooks);
  hooks.onRunning();
  return Promise.resolve(succeeded);
};

test("conditions end in the order of their times, each at its own, and none that has none", async () => {
  const database = openStore();
  const clock = new TestClock();
  const engine = await startEngine(database, scripted(untilAborted), { clock });
  const root = store(database);
  engine.submit(root);
  const start = clock.time;
  const [late, soon, never] = [
    child(database, root, "late", start + 90 * 86_400_000),
    child(database, root, "soon", start + 1000),
    child(database, root, "never", 0),
  ];
  for (const row of [late, soon, never]) engine.submit(row);
  clock.pass(999);
  await expect(engine.signal(never, text("x"), "alice")).resolves.toBeUndefined();
  expect([late, soon].map((row) => phaseOf(database, row))).toEqual(["paused", "paused"]);
  clock.pass(1);
  expect(toPhase((await ended(engine, database, soon)).phase)).toBe("timed_out");
  expect(phaseOf(database, late)).toBe("paused");
  clock.pass(90 * 86_400_000);
  expect(toPhase((await ended(engine, database, late)).phase)).toBe("timed_out");
});

test("a signal after the time is over is too late, even when nobody has noticed yet", async () => {
  const database = openStore();
  const clock = new TestClock();
  const engine = await startEngine(database, scripted(untilAborted), { clock });
  const root = store(database);
  engine.submit(root);
  const row = child(database, root, "c", clock.time + 10);
  engine.submit(row);
  clock.time += 10;
  await expect(engine.signal(row, text("x"), "alice")).rejects.toThrow("it is timed_out");
  expect(phaseOf(database, row)).toBe("timed_out");
});

test("a time that is over while the devbox is not there ends when it is back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "children-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const location = join(folder, "devbox.db");
  const before = openDatabase(location);
  migrate(before);
  const clock = new TestClock();
  const engine = await startEngine(before, scripted(untilAborted), { clock });
  const root = store(before);
  engine.submit(root);
  await reached(engine, before, root.id, ({ phase }) => toPhase(phase) === "running");
  const [over, open] = [
    child(before, root, "over", clock.time + 10),
    child(before, root, "open", clock.time + 1000),
  ];
  for (const row of [over, open]) engine.submit(row);
  // The engine is not closed: as far as the store knows, the process is gone.
  await before.close();

  clock.time += 500;
  const after = openStore(location);
  const resumed = await startEngine(after, scripted(untilAborted), { clock });
  clock.pass(0);
  expect(toPhase((await ended(resumed, after, over)).phase)).toBe("timed_out");
  expect(phaseOf(after, open)).toBe("paused");
  await resumed.signal(open, text("x"), "alice");
  expect(phaseOf(after, open)).toBe("succeeded");
  await expect.poll(() => phases(after, root)).toContain("2 running");
});

test("an attempt that waits takes no place from what it waits for, however deep", async () => {
  const database = openStore();
  const executor = scripted(parentsWait);
  const engine = await startEngine(database, executor, { maxConcurrent: 1 });
  const root = store(database);
  engine.submit(root);
  await reached(engine, database, root.id, ({ phase }) => toPhase(phase) === "running");
  const first = child(database, root, "first");
  engine.submit(first);
  expect(toPhase((await ended(engine, database, first)).phase)).toBe("succeeded");
  // Now nothing is below it any more, so it has the only place.
  const other = store(database);
  engine.submit(other);
  expect(phaseOf(database, other)).toBe("queued");
  const asked = child(database, root, "asked", 0);
  engine.submit(asked);
  await reached(engine, database, other.id, ({ phase }) => toPhase(phase) === "running");
});

test("too many that wait hold new runs back, and never what is below them", async () => {
  const database = openStore();
  const executor = scripted(parentsWait);
  const engine = await startEngine(database, executor, { maxConcurrent: 2, maxWaiting: 1 });
  const root = store(database);
  engine.submit(root);
  await reached(engine, database, root.id, ({ phase }) => toPhase(phase) === "running");
  const asked = child(database, root, "asked", 0);
  engine.submit(asked);
  const held = store(database);
  engine.submit(held);
  const below = child(database, root, "below");
  engine.submit(below);
  expect(toPhase((await ended(engine, database, below)).phase)).toBe("succeeded");
  expect(phaseOf(database, held)).toBe("queued");
  await engine.signal(asked, text("go"), "alice");
  await reached(engine, database, held.id, ({ phase }) => toPhase(phase) === "running");
});

test("what is below an action ends with it, at any depth, whichever way it ends", async () => {
  const database = openStore();
  let finish: () => void = () => undefined;
  const executor = scripted((request, hooks) => {
    if (request.action !== "a0") return untilAborted(request, hooks);
    hooks.onRunning();
    return new Promise((resolve) => {
      finish = () => resolve(succeeded);
    });
  });
  const engine = await startEngine(database, executor);
  const root = store(database);
  engine.submit(root);
  await reached(engine, database, root.id, ({ phase }) => toPhase(phase) === "running");
  const task = child(database, root, "task");
  engine.submit(task);
  await reached(engine, database, task.id, ({ phase }) => toPhase(phase) === "running");
  const asked = child(database, task, "asked", 0);
  engine.submit(asked);
  finish();
  const ends = await Promise.all([root, task, asked].map((row) => ended(engine, database, row)));
  expect(ends.map(({ phase }) => toPhase(phase))).toEqual(["succeeded", "aborted", "aborted"]);
  expect(ends[2]).toMatchObject({
    abort_reason: "The action that started it has ended.",
    aborted_by: null,
  });
  // What comes after the end of its parent has nobody to come for.
  const late = child(database, root, "late", 0);
  engine.submit(late);
  expect(toPhase((await ended(engine, database, late)).phase)).toBe("aborted");
});

test("what a crash left below an action that had ended is aborted at the start", async () => {
  const database = openStore();
  const root = store(database);
  const [task, asked] = [child(database, root, "task"), child(database, root, "asked", 0)];
  database.writeNow(() => {
    database
      .prepare("UPDATE actions SET phase = ?, ended_at = 1 WHERE id = ?")
      .run(fromPhase("failed"), root.id);
  });
  const executor = scripted(untilAborted);
  await startEngine(database, executor);
  expect([task, asked].map((row) => phaseOf(database, row))).toEqual(["aborted", "aborted"]);
  expect(executor.requests).toEqual([]);
});

test("each attempt gets a token of its own", async () => {
  const database = openStore();
  const executor = scripted(async ({ attempt }, { onRunning }) => {
    onRunning();
    return attempt === 1
      ? { kind: "failed", error: { code: "x", message: "x", kind: "user" }, retryable: true }
      : succeeded;
  });
  const token = (action: number, attempt: number) => `${action}.${attempt}`;
  const engine = await startEngine(database, executor, { token });
  const row = store(database, 1);
  engine.submit(row);
  await ended(engine, database, row);
  expect(executor.requests.map((request) => request.token)).toEqual([`${row.id}.1`, `${row.id}.2`]);
});
