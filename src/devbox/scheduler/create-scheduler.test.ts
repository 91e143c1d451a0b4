import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { TriggerAutomationSpecSchema, TriggerSpecSchema } from "../../idl/triggers.ts";
import { FlyteError } from "../../shared/errors.ts";
import { silentLogger } from "../server/logger.ts";
import { deployTrigger, switchTrigger } from "../services/change-trigger.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { migrate } from "../store/migrations.ts";
import { findTrigger, type TriggerRow } from "../store/triggers.ts";
import { createScheduler, type Scheduler } from "./create-scheduler.ts";

const minute = 60_000;
const key = { project: "p", domain: "development", task_name: "t", name: "n" };

/** A clock that stands still until it is set. */
class HandClock {
  #now = Date.parse("2026-05-01T00:00:00Z");
  readonly #waiting = new Set<{ readonly at: number; readonly wake: () => void }>();

  readonly now = (): number => this.#now;

  readonly after = (ms: number, wake: () => void): (() => void) => {
    const entry = { at: this.#now + ms, wake };
    this.#waiting.add(entry);
    if (ms <= 0) setImmediate(() => this.advance(0));
    return () => this.#waiting.delete(entry);
  };

  advance(ms: number): void {
    this.#now += ms;
    for (const entry of [...this.#waiting]) {
      if (entry.at > this.#now) continue;
      this.#waiting.delete(entry);
      entry.wake();
    }
  }
}

interface Bench {
  readonly database: Database;
  readonly clock: HandClock;
  /** Minutes after the start at which runs were started. */
  readonly fired: number[];
  readonly row: () => TriggerRow;
  /** Starts a scheduler, as a devbox does. */
  open(fire?: (at: number) => Promise<void>): Scheduler;
  /** Lets the scheduler do what is due. */
  settle(): Promise<void>;
}

async function setUp(expression = "@every 1m"): Promise<Bench> {
  const database = openDatabase(":memory:");
  onTestFinished(() => database.close());
  migrate(database);
  const clock = new HandClock();
  const begin = clock.now();
  const automation = create(TriggerAutomationSpecSchema, {
    automation: {
      case: "schedule",
      value: { expression: { case: "cron", value: { expression, timezone: "" } } },
    },
  });
  const wanted = {
    ...key,
    spec: toBinary(TriggerSpecSchema, create(TriggerSpecSchema, { active: true })),
    automation: toBinary(TriggerAutomationSpecSchema, automation),
    automation_type: 2,
    task_version: "v1",
    active: true,
  };
  await database.write(() => deployTrigger(database, wanted, { by: "alice", now: begin }));
  const fired: number[] = [];
  const row = () => {
    const found = findTrigger(database, key);
    if (found === undefined) throw new Error("the trigger is gone");
    return found;
  };
  return {
    database,
    clock,
    fired,
    row,
    open(fire = async () => undefined) {
      const scheduler = createScheduler({
        database,
        clock,
        log: silentLogger,
        fire: async (_, at, note) => {
          await fire(at);
          if (await database.write(note)) fired.push((at - begin) / minute);
        },
      });
      onTestFinished(() => scheduler.close());
      scheduler.start();
      return scheduler;
    },
    async settle() {
      // Writes are committed once a turn of the event loop.
      for (let turns = 0; turns < 1000; turns += 1) await new Promise(setImmediate);
    },
  };
}

test("fires when it is due, not before, and each time once", async () => {
  const { clock, fired, open, settle } = await setUp();
  open();
  clock.advance(minute - 1);
  await settle();
  expect(fired).toEqual([]);
  for (let step = 0; step < 3; step += 1) {
    clock.advance(step === 0 ? 1 : minute);
    await settle();
  }
  expect(fired).toEqual([1, 2, 3]);
});

test("fires nothing while it is off, and anew from when it is on", async () => {
  const { database, clock, fired, row, open, settle } = await setUp();
  const scheduler = open();
  const change = (active: boolean) =>
    database.write(() => switchTrigger(database, row(), active, { by: "bob", now: clock.now() }));
  await change(false);
  scheduler.look();
  clock.advance(5.5 * minute);
  await settle();
  expect(fired).toEqual([]);
  await change(true);
  scheduler.look();
  clock.advance(minute);
  await settle();
  expect(fired).toEqual([6.5]);
});

test("what was missed is caught up, a hundred at a time", async () => {
  const { clock, fired, open, settle } = await setUp();
  clock.advance(250 * minute);
  open();
  await settle();
  expect(fired).toHaveLength(100);
  clock.advance(30_000);
  await settle();
  expect(fired).toHaveLength(200);
  clock.advance(30_000);
  await settle();
  expect(fired).toEqual(Array.from({ length: 251 }, (_, index) => index + 1));
});

test("a crash between the start of a run and the note of it starts the same one again", async () => {
  const { clock, fired, open, settle } = await setUp();
  const starts: number[] = [];
  const first = open(async (at) => {
    starts.push(at);
    void first.close();
    throw new FlyteError("unavailable", "gone");
  });
  clock.advance(minute);
  await settle();
  open(async (at) => void starts.push(at));
  await settle();
  expect(new Set(starts).size).toBe(1);
  expect(fired).toEqual([1]);
});

test("a control plane that is not ready is asked again, what can never work is given up", async () => {
  const { clock, fired, open, settle } = await setUp("@every 10m");
  const errors = [
    new FlyteError("unavailable", "the disk is full"),
    new ConnectError("bob may not run tasks", Code.PermissionDenied),
  ];
  open(async () => {
    const error = errors.shift();
    if (error !== undefined) throw error;
  });
  clock.advance(10 * minute);
  await settle();
  clock.advance(minute);
  await settle();
  expect([errors.length, fired]).toEqual([0, []]);
  clock.advance(9 * minute);
  await settle();
  expect(fired).toEqual([20]);
});

test("however time passes and the devbox is restarted, no fire is lost or doubled", async () => {
  const steps = fc.array(
    fc.record({ ms: fc.integer({ min: 1, max: 20 * minute }), restart: fc.boolean() }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const { clock, fired, open, settle } = await setUp();
      let scheduler = open();
      let total = 0;
      for (const { ms, restart } of taken) {
        if (restart) await scheduler.close();
        clock.advance(ms);
        total += ms;
        if (restart) scheduler = open();
        await settle();
      }
      const due = Math.floor(total / minute);
      expect(fired).toEqual(Array.from({ length: due }, (_, index) => index + 1));
    }),
    { numRuns: 20 },
  );
});
