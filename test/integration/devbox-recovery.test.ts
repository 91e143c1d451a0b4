import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { AttemptResult } from "../../src/devbox/executor/executor.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import { findActionById } from "../../src/devbox/store/actions.ts";
import { openDatabase } from "../../src/devbox/store/database.ts";
import { migrate } from "../../src/devbox/store/migrations.ts";
import { fromPhase, toPhase } from "../../src/values/phases.ts";
import {
  ended,
  immediately,
  openStore,
  phases,
  reached,
  scripted,
  startEngine,
  store,
  succeeded,
  untilAborted,
} from "../support/engine.ts";

test("a devbox that died resumes: what waited runs, what ran has failed by the system", async () => {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const location = join(folder, "devbox.db");
  const before = openDatabase(location);
  migrate(before);
  const engine = await startEngine(before, scripted(untilAborted), { maxConcurrent: 1 });
  const [ran, waited] = [store(before), store(before)];
  engine.submit(ran);
  engine.submit(waited);
  await reached(engine, before, ran.id, ({ phase }) => toPhase(phase) === "running");
  // The engine is not closed: as far as the store knows, the process is gone.
  await before.close();

  const after = openStore(location);
  const resumed = await startEngine(after, scripted(immediately()));
  const ends = await Promise.all([ended(resumed, after, ran), ended(resumed, after, waited)]);
  expect(ends.map(({ phase }) => toPhase(phase))).toEqual(["succeeded", "succeeded"]);
  expect(phases(after, ran)).toEqual([
    ...["1 initializing", "1 running", "1 failed"],
    ...["2 initializing", "2 running", "2 succeeded"],
  ]);
  expect(phases(after, waited)).toEqual(["1 initializing", "1 running", "1 succeeded"]);
});

test("a devbox that was closed resumes without a failure on the task's or the system's account", async () => {
  const database = openStore();
  const engine = await startEngine(database, scripted(untilAborted));
  const row = store(database);
  engine.submit(row);
  await reached(engine, database, row.id, ({ phase }) => toPhase(phase) === "running");
  await engine.close();
  expect(findActionById(database, row.id)).toMatchObject({
    phase: fromPhase("queued"),
    user_failures: 0,
    system_failures: 0,
  });
  const resumed = await startEngine(database, scripted(immediately()));
  expect(toPhase((await ended(resumed, database, row)).phase)).toBe("succeeded");
});

test("an attempt that ends within the grace time of a close ends as it would have", async () => {
  const database = openStore();
  let finish: (result: AttemptResult) => void = () => undefined;
  const executor = scripted((_, { onRunning }) => {
    onRunning();
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const engine = await startEngine(database, executor, { closeGraceMs: 60_000 });
  const row = store(database);
  engine.submit(row);
  await reached(engine, database, row.id, ({ phase }) => toPhase(phase) === "running");
  const closed = engine.close();
  finish(succeeded);
  await closed;
  expect(toPhase(findActionById(database, row.id)?.phase ?? 0)).toBe("succeeded");
});

test("an end that cannot be written now is written later", async () => {
  const database = openStore();
  let noteFailure: () => void = () => undefined;
  const failure = new Promise<void>((resolve) => {
    noteFailure = resolve;
  });
  const log = { ...silentLogger, error: () => noteFailure() };
  const engine = await startEngine(database, scripted(immediately(succeeded)), { log });
  const row = store(database);
  database.execute(
    "CREATE TRIGGER full BEFORE UPDATE ON actions BEGIN SELECT raise(FAIL, 'disk full'); END",
  );
  engine.submit(row);
  await failure;
  expect(findActionById(database, row.id)?.phase).toBe(fromPhase("queued"));
  database.execute("DROP TRIGGER full");
  expect(toPhase((await ended(engine, database, row)).phase)).toBe("succeeded");
  expect(phases(database, row)).toEqual(["1 initializing", "1 running", "1 succeeded"]);
});
