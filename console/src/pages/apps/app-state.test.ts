import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import {
  type App,
  AppSchema,
  ConditionSchema,
  Spec_DesiredState,
  Status_DeploymentStatus,
} from "../../../../src/idl/apps.ts";
import {
  type SubstateName,
  substateNames,
  writeSubstate,
} from "../../../../src/values/app-fields.ts";
import {
  isActive,
  isDeactivated,
  isInState,
  offeredSwitches,
  toAppState,
  toConditionState,
} from "./app-state.ts";

type Status = keyof typeof Status_DeploymentStatus;
type Desired = keyof typeof Spec_DesiredState;

function app(status: Status, desired: Desired, substate: SubstateName = "unspecified"): App {
  const condition = create(ConditionSchema, { deploymentStatus: Status_DeploymentStatus[status] });
  return create(AppSchema, {
    spec: { desiredState: Spec_DesiredState[desired] },
    status: { conditions: [writeSubstate(condition, substateNames.indexOf(substate))] },
  });
}

test.each<[Status, Desired, SubstateName, string, string]>([
  ["ACTIVE", "ACTIVE", "running", "Active", "good"],
  ["STARTED", "STARTED", "unspecified", "Active", "good"],
  ["ACTIVE", "STARTED", "scaled_to_zero", "Asleep", "quiet"],
  ["ACTIVE", "STARTED", "scaling_from_zero", "Waking up", "busy"],
  ["ACTIVE", "STOPPED", "scaling_down", "Stopping", "busy"],
  ["STOPPED", "STOPPED", "unspecified", "Stopped", "quiet"],
  ["STOPPED", "STARTED", "unspecified", "Starting", "busy"],
  ["UNASSIGNED", "ACTIVE", "unspecified", "Starting", "busy"],
  ["PENDING", "ACTIVE", "unspecified", "Pending", "busy"],
  ["DEPLOYING", "ACTIVE", "initializing", "Deploying", "busy"],
  ["FAILED", "ACTIVE", "crash_loop", "Failed", "bad"],
])("%s, wanted %s, %s is said as %s", (status, desired, substate, word, tone) => {
  expect(toAppState(app(status, desired, substate))).toMatchObject({ word, tone });
});

test("an app without conditions, or in a state of tomorrow, is unknown", () => {
  expect(toAppState(create(AppSchema))).toEqual({ word: "Unknown", tone: "quiet", message: "" });
  const later = create(ConditionSchema);
  Object.assign(later, { deploymentStatus: 99 });
  expect(toConditionState(later).word).toBe("Unknown");
});

test("the last condition counts", () => {
  const told = create(AppSchema, {
    status: {
      conditions: [
        { deploymentStatus: Status_DeploymentStatus.ACTIVE, message: "before" },
        { deploymentStatus: Status_DeploymentStatus.FAILED, message: "now" },
      ],
    },
  });
  expect(toAppState(told)).toEqual({ word: "Failed", tone: "bad", message: "now" });
});

describe("active and deactivated are what Flyte calls so", () => {
  const all = Object.keys(Status_DeploymentStatus).filter((name) => !/^\d/.test(name)) as Status[];
  test.each(all)("%s", (status) => {
    expect(isActive(app(status, "ACTIVE"))).toBe(["ACTIVE", "STARTED"].includes(status));
    expect(isDeactivated(app(status, "STOPPED"))).toBe(["UNASSIGNED", "STOPPED"].includes(status));
  });
});

test.each<[Status, Desired, boolean, boolean]>([
  ["ACTIVE", "ACTIVE", false, true],
  ["ACTIVE", "STOPPED", true, false],
  ["STOPPED", "STOPPED", true, false],
  ["STOPPED", "ACTIVE", false, true],
  ["STOPPED", "UNSPECIFIED", true, false],
  ["DEPLOYING", "ACTIVE", false, true],
  ["FAILED", "ACTIVE", true, true],
  ["FAILED", "STOPPED", true, false],
])("%s, wanted %s: activate %s, deactivate %s", (status, desired, activate, deactivate) => {
  const told = app(status, desired);
  expect(offeredSwitches(told)).toEqual({ activate, deactivate });
  // What is offered is never what there is already.
  expect(activate && isInState(told, "active")).toBe(false);
  expect(deactivate && isInState(told, "deactivated")).toBe(false);
});
