import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import { minute, setUpScheduler as setUp, toAutomation } from "../../../test/support/scheduler.ts";
import { FlyteError } from "../../shared/errors.ts";
import { deleteTrigger, switchTrigger } from "../services/change-trigger.ts";

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

test("a fire that is given up is not said to have been one", async () => {
  const { clock, row, logged, open, settle } = await setUp();
  open(async () => {
    throw new ConnectError("alice may not run tasks", Code.PermissionDenied);
  });
  clock.advance(minute);
  await settle();
  expect(row()).toMatchObject({ triggered_at: null, next_fire: clock.now() + minute, active: 1 });
  expect(logged).toEqual(["a trigger could not start its run"]);
});

test("nothing is fired after a trigger was switched off, however much was missed", async () => {
  for (const end of ["switched off", "deleted"] as const) {
    const { database, clock, fired, row, open, settle } = await setUp();
    clock.advance(50 * minute);
    const starts: number[] = [];
    open(async (at) => {
      starts.push(at);
      if (starts.length !== 3) return;
      const change = { by: "bob", now: clock.now() };
      await database.write(() => {
        if (end === "deleted") deleteTrigger(database, row(), change);
        else switchTrigger(database, row(), false, change);
      });
    });
    await settle();
    // The third was on its way and its write is undone.
    expect([fired.length, starts.length]).toEqual([2, 3]);
    clock.advance(60 * minute);
    await settle();
    expect(fired).toHaveLength(2);
  }
});

test("a thousand triggers that are due at once are fired once each", async () => {
  const { clock, fired, add, open, settle } = await setUp("* * * * *");
  await Promise.all(Array.from({ length: 999 }, (_, index) => add(`n${index}`, "* * * * *")));
  let most = 0;
  let atOnce = 0;
  const names: string[] = [];
  open(async (_, { name }) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise(setImmediate);
    atOnce -= 1;
    names.push(name);
  });
  clock.advance(minute);
  await settle();
  expect([fired.length, new Set(names).size]).toEqual([1000, 1000]);
  expect(most).toBeLessThanOrEqual(50);
});

test("a clock that is set back doubles no fire, and the schedule goes on from where it was", async () => {
  const { clock, fired, open, settle } = await setUp();
  open();
  clock.advance(5 * minute);
  await settle();
  clock.advance(-3 * minute);
  await settle();
  for (let step = 0; step < 8; step += 1) {
    clock.advance(minute / 2);
    await settle();
  }
  expect(fired).toEqual([1, 2, 3, 4, 5, 6]);
});

test("a trigger that cannot be fired keeps no other from firing, and is let be for a while", async () => {
  const { database, clock, fired, logged, row, add, open, settle } = await setUp();
  await add("other");
  // As of a version that knows other schedules.
  const { id } = row();
  database
    .prepare("UPDATE triggers SET automation = ? WHERE id = ?")
    .run(toAutomation("@fortnightly"), id);
  open();
  clock.advance(minute);
  await settle();
  expect(fired).toEqual([1]);
  expect(logged).toEqual(["a trigger could not be fired"]);
  database
    .prepare("UPDATE triggers SET automation = ? WHERE id = ?")
    .run(toAutomation("@every 1m"), id);
  clock.advance(minute / 2);
  await settle();
  expect(fired).toEqual([1, 1]);
});

test("one that rests is not waited for once it was changed", async () => {
  const { database, clock, fired, row, open, settle } = await setUp("@every 1s");
  clock.advance(250_000);
  const scheduler = open();
  await settle();
  expect(fired).toHaveLength(100);
  for (const active of [false, true]) {
    const change = { by: "bob", now: clock.now() };
    await database.write(() => switchTrigger(database, row(), active, change));
    scheduler.look();
  }
  await settle();
  clock.advance(1000);
  await settle();
  expect(fired).toHaveLength(101);
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
