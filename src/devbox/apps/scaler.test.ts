import fc from "fast-check";
import { expect, test } from "vitest";
import type { Scaling } from "./app-plan.ts";
import { replicasFor, Scaler } from "./scaler.ts";

const scaling: Scaling = { min: 0, max: 10, metric: "concurrency", target: 100, scaledownMs: 1000 };
const scalings = fc
  .record({
    min: fc.nat(3),
    more: fc.nat(5),
    metric: fc.constantFrom("concurrency" as const, "request_rate" as const),
    target: fc.integer({ min: 1, max: 20 }),
    scaledownMs: fc.nat(500),
  })
  .map(({ more, ...rest }): Scaling => ({ ...rest, max: Math.max(1, rest.min + more) }));

test.each([
  [{ running: 0, waiting: 0, perSecond: 0 }, "concurrency", 0],
  [{ running: 1, waiting: 0, perSecond: 0 }, "concurrency", 1],
  [{ running: 100, waiting: 0, perSecond: 0 }, "concurrency", 1],
  [{ running: 100, waiting: 1, perSecond: 0 }, "concurrency", 2],
  [{ running: 0, waiting: 200, perSecond: 900 }, "concurrency", 2],
  [{ running: 500, waiting: 0, perSecond: 100 }, "request_rate", 1],
  [{ running: 0, waiting: 1, perSecond: 0 }, "request_rate", 1],
  [{ running: 0, waiting: 0, perSecond: 250.5 }, "request_rate", 3],
] as const)("%j by %s asks for %i", (load, metric, replicas) => {
  expect(replicasFor(load, { ...scaling, metric })).toBe(replicas);
});

const events = fc.array(
  fc.record({ running: fc.nat(60), waiting: fc.nat(60), wait: fc.nat(300), arrivals: fc.nat(9) }),
  { maxLength: 30 },
);

test("there are always as many as the load asks for, within the limits", () => {
  fc.assert(
    fc.property(scalings, events, (limits, changes) => {
      const scaler = new Scaler();
      let now = 1_000_000;
      for (const { running, waiting, wait, arrivals } of changes) {
        now += wait;
        for (let count = 0; count < arrivals; count++) scaler.count(now);
        const desired = scaler.desired({ running, waiting }, limits, now);
        expect(desired).toBeGreaterThanOrEqual(limits.min);
        expect(desired).toBeLessThanOrEqual(limits.max);
        const { target, max } = limits;
        const asked = limits.metric === "concurrency" ? Math.ceil((running + waiting) / target) : 0;
        expect(desired).toBeGreaterThanOrEqual(Math.min(max, asked));
        if (running + waiting > 0) expect(desired).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});

test("with no load they fall to the fewest, at the times that are told, and not before", () => {
  fc.assert(
    fc.property(scalings, events, (limits, changes) => {
      const scaler = new Scaler();
      let now = 1_000_000;
      for (const { running, waiting, wait, arrivals } of changes) {
        now += wait;
        for (let count = 0; count < arrivals; count++) scaler.count(now);
        scaler.desired({ running, waiting }, limits, now);
      }
      const idle = { running: 0, waiting: 0 };
      let last = scaler.desired(idle, limits, now);
      const fewest = limits.min;
      if (limits.scaledownMs > 0 && last > fewest && limits.metric === "concurrency") {
        expect(scaler.desired(idle, limits, now + limits.scaledownMs - 1)).toBeGreaterThanOrEqual(
          fewest,
        );
      }
      for (let turns = 0; turns < 200; turns++) {
        const at = scaler.changesAt(limits, now);
        if (at === undefined) break;
        expect(at).toBeGreaterThan(now - 1);
        now = Math.max(at, now + 1);
        const desired = scaler.desired(idle, limits, now);
        expect(desired).toBeLessThanOrEqual(last);
        last = desired;
      }
      expect(last).toBe(fewest);
    }),
  );
});

test("a touch keeps one replica for a period", () => {
  const scaler = new Scaler();
  const idle = { running: 0, waiting: 0 };
  expect(scaler.desired(idle, scaling, 5000)).toBe(0);
  scaler.touch(6000);
  expect(scaler.desired(idle, scaling, 6000)).toBe(1);
  expect(scaler.desired(idle, scaling, 6999)).toBe(1);
  expect(scaler.changesAt(scaling, 6999)).toBe(7000);
  expect(scaler.desired(idle, scaling, 7000)).toBe(0);
});
