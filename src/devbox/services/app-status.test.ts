import fc from "fast-check";
import { expect, test } from "vitest";
import { Spec_DesiredState, Status_DeploymentStatus } from "../../idl/apps.ts";
import type { AppCondition, AppState } from "../apps/app-runtime.ts";
import { toldConditions } from "./app-status.ts";

const { STOPPED, UNASSIGNED, PENDING } = Status_DeploymentStatus;
const statuses = Object.values(Status_DeploymentStatus).filter(
  (value) => typeof value === "number",
);

const condition: fc.Arbitrary<AppCondition> = fc.record({
  time: fc.constant(new Date(0)),
  status: fc.constantFrom(...statuses),
  substate: fc.nat(12),
  message: fc.string(),
  revision: fc.integer({ min: 1, max: 5 }),
});
const state: fc.Arbitrary<AppState | undefined> = fc.option(
  fc.record({
    conditions: fc.array(condition, { maxLength: 10 }),
    currentReplicas: fc.nat(3),
    replicas: fc.constant([]),
  }),
  { nil: undefined },
);
const row = fc.record({ revision: fc.integer({ min: 1, max: 5 }), updated_at: fc.nat() });
const running = fc.constantFrom(
  Spec_DesiredState.UNSPECIFIED,
  Spec_DesiredState.STARTED,
  Spec_DesiredState.ACTIVE,
);

test("an app that is to run is never told as down, nor as what an earlier revision was", () => {
  fc.assert(
    fc.property(row, running, state, (app, desired, known) => {
      const last = toldConditions(app, desired, known).at(-1);
      expect([STOPPED, UNASSIGNED]).not.toContain(last?.status);
      expect(last?.revision).toBeGreaterThanOrEqual(app.revision);
    }),
  );
});

test("what the runtime tells is told, with at most one condition behind it", () => {
  fc.assert(
    fc.property(row, fc.constantFrom(...[0, 1, 2, 3]), state, (app, desired, known) => {
      const told = toldConditions(app, desired, known);
      const before = known?.conditions ?? [];
      expect(told.slice(0, before.length)).toEqual(before);
      const added = told.slice(before.length);
      expect(told.length).toBeGreaterThan(0);
      expect(added.length).toBeLessThan(2);
      for (const { status } of added) {
        expect(status).toBe(desired === Spec_DesiredState.STOPPED ? STOPPED : PENDING);
      }
    }),
  );
});

test("an app that is to stop is stopped when the runtime says so, or knows nothing of it", () => {
  fc.assert(
    fc.property(row, state, (app, known) => {
      const last = toldConditions(app, Spec_DesiredState.STOPPED, known).at(-1);
      expect(last?.status).toBe(known?.conditions.at(-1)?.status ?? STOPPED);
    }),
  );
});
