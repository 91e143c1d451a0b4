import {
  type App,
  type Condition,
  Spec_DesiredState,
  Status_DeploymentStatus,
} from "../../../../src/idl/apps.ts";
import { readSubstate, type SubstateName } from "../../../../src/values/app-fields.ts";
import type { Tone } from "../../ui/badge.tsx";

/** What an app is switched to. */
export type WantedState = "active" | "deactivated";

/** How an app is doing, in words. */
export interface AppState {
  readonly word: string;
  readonly tone: Tone;
  /** What the control plane says about it; may be empty. */
  readonly message: string;
}

const statuses = Status_DeploymentStatus;

const words: Readonly<Record<Status_DeploymentStatus, readonly [word: string, tone: Tone]>> = {
  [statuses.UNSPECIFIED]: ["Unknown", "quiet"],
  [statuses.UNASSIGNED]: ["Stopped", "quiet"],
  [statuses.ASSIGNED]: ["Assigned", "busy"],
  [statuses.PENDING]: ["Pending", "busy"],
  [statuses.STOPPED]: ["Stopped", "quiet"],
  [statuses.STARTED]: ["Active", "good"],
  [statuses.FAILED]: ["Failed", "bad"],
  [statuses.ACTIVE]: ["Active", "good"],
  [statuses.SCALING_UP]: ["Scaling up", "busy"],
  [statuses.SCALING_DOWN]: ["Scaling down", "busy"],
  [statuses.DEPLOYING]: ["Deploying", "busy"],
};

/** Of an app that is active. */
const activeWords: Readonly<Partial<Record<SubstateName, readonly [word: string, tone: Tone]>>> = {
  scaled_to_zero: ["Asleep", "quiet"],
  scaling_from_zero: ["Waking up", "busy"],
  scaling_up: ["Scaling up", "good"],
  scaling_down: ["Scaling down", "good"],
};

/** Reads an app's state from its last condition and from what is wanted of it. */
export function toAppState(app: App): AppState {
  const condition = app.status?.conditions.at(-1);
  const state = toConditionState(condition);
  if (isActive(app) && isToStop(app)) return { ...state, word: "Stopping", tone: "busy" };
  if (isDeactivated(app) && isToRun(app)) return { ...state, word: "Starting", tone: "busy" };
  return state;
}

/** A condition in words, whatever is wanted of the app. */
export function toConditionState(condition: Condition | undefined): AppState {
  const status = condition?.deploymentStatus ?? statuses.UNSPECIFIED;
  const isUp = status === statuses.ACTIVE || status === statuses.STARTED;
  const more = isUp && condition !== undefined ? activeWords[readSubstate(condition)] : undefined;
  const [word, tone] = more ?? words[status] ?? words[statuses.UNSPECIFIED];
  return { word, tone, message: condition?.message ?? "" };
}

/** Whether Flyte calls it active: its last condition is `ACTIVE` or `STARTED`. */
export function isActive(app: App): boolean {
  const status = statusOf(app);
  return status === statuses.ACTIVE || status === statuses.STARTED;
}

/** Whether Flyte calls it deactivated: its last condition is `UNASSIGNED` or `STOPPED`. */
export function isDeactivated(app: App): boolean {
  const status = statusOf(app);
  return status === statuses.UNASSIGNED || status === statuses.STOPPED;
}

/** Whether an app is in a state to stay: one that is active but to be stopped is on its way out of it. */
export function isInState(app: App, wanted: WantedState): boolean {
  return wanted === "active"
    ? isActive(app) && !isToStop(app)
    : isDeactivated(app) && !isToRun(app);
}

/** Which switches make sense: an app that failed may be tried again or given up. */
export function offeredSwitches(app: App): Readonly<Record<"activate" | "deactivate", boolean>> {
  const isFailed = statusOf(app) === statuses.FAILED;
  return {
    activate: isToStop(app) || isFailed || isInState(app, "deactivated"),
    deactivate: !isToStop(app) && !isInState(app, "deactivated"),
  };
}

function statusOf(app: App): Status_DeploymentStatus {
  return app.status?.conditions.at(-1)?.deploymentStatus ?? statuses.UNSPECIFIED;
}

function isToStop({ spec }: App): boolean {
  return spec?.desiredState === Spec_DesiredState.STOPPED;
}

function isToRun({ spec }: App): boolean {
  const desired = spec?.desiredState;
  return desired === Spec_DesiredState.STARTED || desired === Spec_DesiredState.ACTIVE;
}
