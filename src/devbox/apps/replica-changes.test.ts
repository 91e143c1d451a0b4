import fc from "fast-check";
import { expect, test } from "vitest";
import { changeReplicas, type ReplicaFacts, type RevisionFacts } from "./replica-changes.ts";
import { noFailures } from "./restarts.ts";

const facts = (more: Partial<RevisionFacts>): RevisionFacts => ({
  ...{ desired: 0, replicas: [], restarts: noFailures, isPortTaken: false, now: 100, ...more },
});
const replica = (name: string, more: Partial<ReplicaFacts> = {}): ReplicaFacts => ({
  ...{ name, phase: "ready", leases: 0, startedAt: 0, ...more },
});

test("what is missing is started", () => {
  const replicas = [replica("a"), replica("b", { phase: "starting" })];
  expect(changeReplicas(facts({ desired: 5, replicas })).start).toBe(3);
});

test("after a failure one is tried at a time, when the delay is over", () => {
  const restarts = { failures: 1, notBefore: 200 };
  const waiting = changeReplicas(facts({ desired: 3, restarts }));
  expect(waiting).toEqual({ start: 0, end: [], againAt: 200 });
  expect(changeReplicas(facts({ desired: 3, restarts, now: 200 })).start).toBe(1);
  const replicas = [replica("a", { phase: "starting" })];
  expect(changeReplicas(facts({ desired: 3, restarts, replicas, now: 200 })).start).toBe(0);
});

test("none is started while the port it needs is taken", () => {
  expect(changeReplicas(facts({ desired: 1, isPortTaken: true })).start).toBe(0);
});

test("ended are those that do not serve, then those with the fewest requests, then the youngest", () => {
  const replicas = [
    replica("busy", { leases: 5 }),
    replica("old", { startedAt: 1 }),
    replica("young", { startedAt: 9 }),
    replica("one", { leases: 1 }),
    replica("starting", { phase: "starting", startedAt: 3 }),
    replica("gone", { phase: "ended" }),
  ];
  const ended = (desired: number) => changeReplicas(facts({ desired, replicas })).end;
  expect(ended(0)).toEqual(["starting", "young", "old", "one", "busy"]);
  expect(ended(3)).toEqual(["starting", "young", "old"]);
  expect(ended(6)).toEqual([]);
});

test("starts and ends never exceed what is asked for, and never come together", () => {
  const phase = fc.constantFrom("starting", "ready", "ended" as const);
  const replicas = fc
    .array(fc.record({ phase, leases: fc.nat(3), startedAt: fc.nat(9) }), { maxLength: 8 })
    .map((list) => list.map((more, index) => replica(String(index), more as ReplicaFacts)));
  const restarts = fc.record({ failures: fc.nat(4), notBefore: fc.nat(200) });
  fc.assert(
    fc.property(fc.nat(8), replicas, restarts, fc.boolean(), (desired, list, back, isPortTaken) => {
      const given = facts({ desired, replicas: list, restarts: back, isPortTaken });
      const { start, end, againAt } = changeReplicas(given);
      expect(start).toBeLessThanOrEqual(Math.max(0, desired - list.length));
      expect(end.length).toBeLessThanOrEqual(Math.max(0, list.length - desired));
      expect(start === 0 || end.length === 0).toBe(true);
      if (againAt !== undefined) expect(againAt).toBeGreaterThan(given.now);
    }),
  );
});
