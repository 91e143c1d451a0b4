import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type App, type Condition, Spec_DesiredState } from "../idl/apps.ts";
import { FlyteError } from "../shared/errors.ts";
import { readSourceLink, readSubstate } from "../values/app-fields.ts";
import type { AppCondition, AppPhase, AppStatus } from "./app-calls.ts";
import { toAppUrl } from "./console-urls.ts";
import type { Scope } from "./control-plane.ts";

/** An app by name, with what an answer may leave out about it. */
export interface AskedApp extends Scope {
  readonly org: string;
  readonly name: string;
  /** Base of console addresses. */
  readonly consoleUrl: string;
}

/** At the index of its number in `flyteidl2.app.Status.DeploymentStatus`. */
export const appPhases: readonly AppPhase[] = [
  "unspecified",
  "unassigned",
  "assigned",
  "pending",
  "stopped",
  "started",
  "failed",
  "active",
  "scaling_up",
  "scaling_down",
  "deploying",
];

/** The phase of a deployment status number; `unspecified` for one this version does not know. */
export function toAppPhase(status: number): AppPhase {
  return appPhases[status] ?? "unspecified";
}

/** The last condition of an app, which is its current one. */
export function lastCondition(app: App): Condition | undefined {
  return app.status?.conditions.at(-1);
}

/**
 * The state of an app, as every call of `AppService` tells it.
 *
 * @throws FlyteError `internal` when an answer holds no app
 */
export function toAppStatus(app: App | undefined, asked: AskedApp): AppStatus {
  if (app === undefined) {
    throw new FlyteError("internal", `The control plane told nothing of app ${asked.name}.`);
  }
  const id = app.metadata?.id;
  const project = id?.project || asked.project;
  const domain = id?.domain || asked.domain;
  const name = id?.name || asked.name;
  const ingress = app.status?.ingress;
  const conditions = (app.status?.conditions ?? []).map(toCondition);
  const current = conditions.at(-1);
  const phase = current?.phase ?? "unspecified";
  const createdAt = app.status?.createdAt;
  return {
    project,
    domain,
    name,
    revision: Number(app.metadata?.revision ?? 0n),
    endpoint: ingress?.publicUrl || ingress?.cnameUrl || "",
    phase,
    substate: current?.substate ?? "unspecified",
    message: current?.message ?? "",
    isActive: phase === "active" || phase === "started",
    isDeactivated: phase === "unassigned" || phase === "stopped",
    url: toAppUrl(asked.consoleUrl, { project, domain }, name),
    replicas: app.status?.currentReplicas ?? 0,
    creator: app.spec?.creator?.principal.value?.id?.subject || undefined,
    createdAt: createdAt && timestampDate(createdAt),
    sourceLink: app.metadata && readSourceLink(app.metadata),
    links: (app.spec?.links ?? []).map(({ path, title, isRelative }) => ({
      path,
      title,
      isRelative,
    })),
    conditions,
  };
}

function toCondition(condition: Condition): AppCondition {
  const { deploymentStatus, message, revision, lastTransitionTime: at } = condition;
  return {
    phase: toAppPhase(deploymentStatus),
    substate: readSubstate(condition),
    message,
    revision: Number(revision),
    time: at && timestampDate(at),
  };
}

/** What an app is switched to. */
export type WantedState = "active" | "deactivated";

/**
 * Whether an app is in a state to stay: one that is still active but to be stopped, or not yet
 * assigned but to be started, is on its way out of it.
 */
export function isInState(
  app: App,
  { isActive, isDeactivated }: AppStatus,
  wanted: WantedState,
): boolean {
  const isThere = wanted === "active" ? isActive : isDeactivated;
  return isThere && !asksForOpposite(app, wanted);
}

/** Whether the app's own description asks for the other state. */
export function asksForOpposite(app: App, wanted: WantedState): boolean {
  const desired = app.spec?.desiredState;
  const isStart = desired === Spec_DesiredState.STARTED || desired === Spec_DesiredState.ACTIVE;
  return wanted === "active" ? desired === Spec_DesiredState.STOPPED : isStart;
}
