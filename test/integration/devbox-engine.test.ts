import { expect, test } from "vitest";
import { listActionEvents } from "../../src/devbox/store/action-events.ts";
import { findActionById } from "../../src/devbox/store/actions.ts";
import { fromPhase, toPhase } from "../../src/values/phases.ts";
import {
  cutOff,
  ended,
  failed,
  immediately,
  openStore,
  phases,
  reached,
  scripted,
  startEngine,
  store,
  succeeded,
  untilAborted,
  userError,
} from "../support/engine.ts";

test("an action runs, ends once, and its history tells each phase", async () => {
  const database = openStore();
  const engine = await startEngine(database, scripted(immediately(succeeded)));
  const row = store(database);
  engine.submit(row);
  const end = await ended(engine, database, row);
  expect(toPhase(end.phase)).toBe("succeeded");
  expect(end.ended_at).toBeGreaterThanOrEqual(end.created_at);
  expect(phases(database, row)).toEqual(["1 initializing", "1 running", "1 succeeded"]);
});

test("failures of the task are tried again as often as it allows", async () => {
  const database = openStore();
  const executor = scripted(immediately(failed, failed, failed));
  const engine = await startEngine(database, executor);
  const row = store(database, 2);
  engine.submit(row);
  expect(toPhase((await ended(engine, database, row)).phase)).toBe("failed");
  expect(executor.requests.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  const [error] = listActionEvents(database, row.id).slice(-1);
  expect(error).toMatchObject({
    error_code: "ValueError",
    error_kind: "user",
    error_message: "no",
  });
});

test("failures of the system leave the task its attempts, and end after the fourth in a row", async () => {
  const database = openStore();
  const executor = scripted(immediately(cutOff, cutOff, cutOff, succeeded));
  const engine = await startEngine(database, executor);
  const lucky = store(database);
  engine.submit(lucky);
  expect(toPhase((await ended(engine, database, lucky)).phase)).toBe("succeeded");
  const cursed = store(database);
  executor.requests.length = 0;
  const other = await startEngine(
    database,
    scripted(async () => cutOff),
  );
  other.submit(cursed);
  expect(toPhase((await ended(other, database, cursed)).phase)).toBe("failed");
  expect(listActionEvents(database, cursed.id).at(-1)?.error_code).toBe(
    "MaxSystemFailuresExceeded",
  );
});

test("a timeout is passed on and ends as timed out", async () => {
  const database = openStore();
  const late = { kind: "timed_out", error: userError } as const;
  const engine = await startEngine(database, scripted(immediately(late)));
  const row = store(database);
  engine.submit(row);
  expect(toPhase((await ended(engine, database, row)).phase)).toBe("timed_out");
});

test("a task that is no container fails at once as its author's fault and is never started", async () => {
  const database = openStore();
  const executor = scripted(immediately(succeeded));
  const engine = await startEngine(database, executor);
  const row = store(database, 5, false);
  engine.submit(row);
  expect(toPhase((await ended(engine, database, row)).phase)).toBe("failed");
  expect(executor.requests).toEqual([]);
  expect(listActionEvents(database, row.id)).toMatchObject([
    { error_code: "UnsupportedTask", error_kind: "user" },
  ]);
});

test("an executor that breaks its word costs the action a system failure, not its life", async () => {
  const database = openStore();
  let calls = 0;
  const engine = await startEngine(
    database,
    scripted(() => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error("broken")) : Promise.resolve(succeeded);
    }),
  );
  const row = store(database);
  engine.submit(row);
  expect(toPhase((await ended(engine, database, row)).phase)).toBe("succeeded");
});

test("what does not fit waits in order, and an abort reaches what waits and what runs", async () => {
  const database = openStore();
  const executor = scripted(untilAborted);
  const engine = await startEngine(database, executor, { maxConcurrent: 1 });
  const [first, second, third] = [store(database), store(database), store(database)];
  for (const row of [first, second, third]) engine.submit(row);
  await reached(engine, database, first.id, ({ phase }) => toPhase(phase) === "running");
  expect(executor.requests.map(({ run }) => run)).toEqual([first.run]);
  await engine.abort(second, "not wanted", "alice");
  await engine.abort(first, "enough", "bob");
  await reached(engine, database, third.id, ({ phase }) => toPhase(phase) === "running");
  expect(executor.requests.map(({ run }) => run)).toEqual([first.run, third.run]);
  expect(findActionById(database, second.id)).toMatchObject({
    phase: fromPhase("aborted"),
    abort_reason: "not wanted",
    aborted_by: "alice",
  });
  expect(phases(database, first).at(-1)).toBe("1 aborted");
  expect(phases(database, second)).toEqual(["1 aborted"]);
});

test("an end stays: an abort after it changes nothing", async () => {
  const database = openStore();
  const engine = await startEngine(database, scripted(immediately(succeeded)));
  const row = store(database);
  engine.submit(row);
  const end = await ended(engine, database, row);
  await engine.abort(row, "too late", "alice");
  expect(findActionById(database, row.id)).toEqual(end);
});

test("an abort that meets the end of the attempt leaves exactly one end", async () => {
  const database = openStore();
  const engine = await startEngine(database, scripted(immediately(succeeded)), {
    maxConcurrent: 100,
  });
  const rows = Array.from({ length: 100 }, () => store(database));
  for (const row of rows) engine.submit(row);
  await Promise.all(rows.map((row) => engine.abort(row, "race", "alice")));
  for (const row of rows) {
    await ended(engine, database, row);
    const ends = phases(database, row).filter((text) => /succeeded|aborted/.test(text));
    expect(ends).toHaveLength(1);
  }
});

test("of 50 actions started at once each ends exactly once", async () => {
  const database = openStore();
  const executor = scripted(async ({ run }, { onRunning }) => {
    await new Promise(setImmediate);
    onRunning();
    for (let turn = 0; turn < Number(run.slice(1)) % 7; turn += 1) await new Promise(setImmediate);
    return succeeded;
  });
  const engine = await startEngine(database, executor);
  const rows = Array.from({ length: 50 }, () => store(database));
  for (const row of rows) engine.submit(row);
  await Promise.all(rows.map((row) => ended(engine, database, row)));
  expect(executor.requests.map(({ run }) => run)).toEqual(rows.map(({ run }) => run));
  for (const row of rows) {
    expect(phases(database, row)).toEqual(["1 initializing", "1 running", "1 succeeded"]);
  }
});
