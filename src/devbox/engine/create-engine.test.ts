import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { expect, onTestFinished, test } from "vitest";
import { TaskSpecSchema, TaskTemplateSchema } from "../../idl/tasks.ts";
import { fromPhase, toPhase } from "../../values/phases.ts";
import type {
  AttemptHooks,
  AttemptRequest,
  AttemptResult,
  Executor,
} from "../executor/executor.ts";
import { silentLogger } from "../server/logger.ts";
import { listActionEvents } from "../store/action-events.ts";
import { type ActionRow, findActionById, insertAction } from "../store/actions.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { migrate } from "../store/migrations.ts";
import { insertTaskSpec } from "../store/tasks.ts";
import { createEngine, type Engine, type EngineOptions } from "./create-engine.ts";

const succeeded = { kind: "succeeded", outputsUri: "file:///outputs.pb" } as const;
const userError = { code: "ValueError", message: "no", kind: "user" } as const;
const systemError = { code: "Killed", message: "gone", kind: "system" } as const;
const failed = { kind: "failed", error: userError, retryable: true } as const;
const cutOff = { kind: "failed", error: systemError, retryable: true } as const;

type Script = (request: AttemptRequest, hooks: AttemptHooks) => Promise<AttemptResult>;

/** The seam's other side, which does what the test says. */
function scripted(script: Script): Executor & { readonly requests: AttemptRequest[] } {
  const requests: AttemptRequest[] = [];
  return {
    requests,
    run: (request, hooks) => {
      requests.push(request);
      return script(request, hooks);
    },
    async *readLines() {},
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const immediately =
  (...results: readonly AttemptResult[]): Script =>
  async ({ attempt }, { onRunning }) => {
    onRunning();
    return results[attempt - 1] ?? succeeded;
  };

const untilAborted: Script = (_, { signal, onRunning }) => {
  onRunning();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve({ kind: "aborted" }), { once: true });
  });
};

function openStore(location = ":memory:"): Database {
  const database = openDatabase(location);
  onTestFinished(() => database.close());
  migrate(database);
  return database;
}

async function startEngine(
  database: Database,
  executor: Executor,
  options: Partial<EngineOptions> = {},
): Promise<Engine> {
  const engine = createEngine({
    database,
    executor,
    log: silentLogger,
    closeGraceMs: 0,
    ...options,
  });
  onTestFinished(() => engine.close());
  await engine.start();
  return engine;
}

let runs = 0;

/** Stores a queued action of a task with so many retries. */
function store(database: Database, retries = 0, isContainer = true): ActionRow {
  const target = { case: "container", value: { args: ["true"] } } as const;
  const spec = create(TaskSpecSchema, {
    taskTemplate: create(TaskTemplateSchema, {
      ...(isContainer ? { target } : {}),
      metadata: { retries: { retries } },
    }),
  });
  const spec_digest = `${retries}-${isContainer}`;
  runs += 1;
  const run = `r${runs}`;
  return database.writeNow(() => {
    insertTaskSpec(database, spec_digest, toBinary(TaskSpecSchema, spec));
    return insertAction(database, {
      ...{ project: "p", domain: "d", run, name: "a0", parent: null },
      ...{ task_project: "p", task_domain: "d", task_name: "t", task_version: "v", task_type: "" },
      ...{ environment: "", function_name: "t", spec_digest, run_spec: new Uint8Array() },
      ...{ inputs_uri: "file:///inputs.pb", run_base: "file:///run", source: 0, owner: "alice" },
      ...{ created_at: Date.now(), phase: fromPhase("queued") },
    }).row;
  });
}

async function ended(engine: Engine, database: Database, { id }: ActionRow): Promise<ActionRow> {
  return reached(engine, database, id, (row) => row.ended_at !== null);
}

async function reached(
  engine: Engine,
  database: Database,
  id: number,
  test: (row: ActionRow) => boolean,
): Promise<ActionRow> {
  const watch = engine.changes.watch((changed) => changed.id === id, AbortSignal.timeout(10_000));
  for (;;) {
    const row = findActionById(database, id);
    if (row !== undefined && test(row)) {
      await watch.return();
      return row;
    }
    if ((await watch.next()).done) throw new Error("the action did not get there");
  }
}

const phases = (database: Database, { id }: ActionRow) =>
  listActionEvents(database, id).map(({ attempt, phase }) => `${attempt} ${toPhase(phase)}`);

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
  const engine = await startEngine(database, executor, { closeGraceMs: 10_000 });
  const row = store(database);
  engine.submit(row);
  await reached(engine, database, row.id, ({ phase }) => toPhase(phase) === "running");
  const closed = engine.close();
  finish(succeeded);
  await closed;
  expect(toPhase(findActionById(database, row.id)?.phase ?? 0)).toBe("succeeded");
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
