import fc from "fast-check";
import { expect, test } from "vitest";
import { Status_DeploymentStatus } from "../../idl/apps.ts";
import { substateNames } from "../../values/app-fields.ts";
import { type AppFacts, toCondition } from "./app-condition.ts";
import { Conditions } from "./conditions.ts";

const newest: AppFacts["newest"] = {
  ...{ revision: 2, proven: true, desired: 1, ready: 1, draining: 0 },
  ...{ failure: undefined, hasFailed: false },
};
const failure = { substate: "crash_loop", message: "Replica x ended." } as const;

function told(facts: Partial<AppFacts>, more: Partial<AppFacts["newest"]> = {}) {
  const all = { wanted: true, processes: 1, servingRevision: undefined, ...facts };
  const { status, substate, message } = toCondition({ ...all, newest: { ...newest, ...more } });
  return `${Status_DeploymentStatus[status]} ${substateNames[substate]}: ${message}`;
}

test.each([
  [{ ready: 1 }, "ACTIVE running: Ready: 1 replica."],
  [{ ready: 3, desired: 3 }, "ACTIVE running: Ready: 3 replicas."],
  [{ ready: 0 }, "ACTIVE scaling_from_zero: A replica is starting."],
  [{ ready: 0, failure }, "ACTIVE scaling_from_zero: A replica is starting. Replica x ended."],
  [{ desired: 3 }, "ACTIVE scaling_up: Ready: 1 of 3 replicas."],
  [{ draining: 2 }, "ACTIVE scaling_down: Ready: 1 replica; 2 to end."],
  [{ desired: 0, ready: 0 }, "ACTIVE scaled_to_zero: No replica runs; a request starts one."],
  [{ desired: 0, ready: 0, draining: 1 }, "ACTIVE scaling_down: Ready: 0 replicas; 1 to end."],
  [{ proven: false, ready: 0 }, "DEPLOYING initializing: Revision 2 is starting."],
  [{ proven: false, ready: 0, failure, hasFailed: true }, "FAILED crash_loop: Replica x ended."],
] as const)("%j is %s", (more, condition) => {
  expect(told({}, more)).toBe(condition);
});

test("it is told which revision serves while a newer one does not", () => {
  const starting = { proven: false, ready: 0 };
  expect(told({ servingRevision: 1 }, starting)).toBe(
    "DEPLOYING initializing: Revision 2 is starting. Revision 1 goes on serving.",
  );
  expect(told({ servingRevision: 1 }, { ...starting, failure, hasFailed: true })).toBe(
    "FAILED crash_loop: Replica x ended. Revision 1 goes on serving.",
  );
});

test("an app is stopped when nothing of it runs", () => {
  expect(told({ wanted: false })).toBe("ACTIVE scaling_down: Stopping: 1 replica to end.");
  expect(told({ wanted: false, processes: 0 })).toBe("STOPPED unspecified: Stopped.");
});

const anyFacts = fc.record({
  wanted: fc.boolean(),
  processes: fc.nat(3),
  servingRevision: fc.option(fc.nat(3), { nil: undefined }),
  newest: fc.record({
    ...{ revision: fc.nat(9), proven: fc.boolean(), hasFailed: fc.boolean() },
    ...{ desired: fc.nat(3), ready: fc.nat(3), draining: fc.nat(3) },
    failure: fc.option(fc.constant(failure), { nil: undefined }),
  }),
});

test("a status says what holds, whatever the facts", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const { status } = toCondition(facts);
      const { ACTIVE, DEPLOYING, FAILED, STOPPED } = Status_DeploymentStatus;
      expect([ACTIVE, DEPLOYING, FAILED, STOPPED]).toContain(status);
      expect(status === STOPPED).toBe(!facts.wanted && facts.processes === 0);
      if (status === FAILED) expect(facts.newest.ready).toBe(0);
      if (status === DEPLOYING) expect(facts.newest.proven).toBe(false);
    }),
  );
});

test("the last ten different conditions are kept", () => {
  const conditions = new Conditions();
  const facts = (revision: number) => ({
    ...{ wanted: true, processes: 1, servingRevision: undefined },
    newest: { ...newest, revision },
  });
  for (let revision = 1; revision <= 12; revision++) {
    expect(conditions.note(facts(revision), revision)).toBe(true);
    expect(conditions.note(facts(revision), revision)).toBe(false);
  }
  expect(conditions.list.map(({ revision }) => revision)).toEqual([
    3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
  ]);
  expect(conditions.list[0]?.time).toEqual(new Date(3));
});
