import type { App } from "../idl/apps.ts";
import type { AppPhase, AppStatus } from "./app-calls.ts";
import {
  asksForOpposite,
  isInState,
  lastCondition,
  toAppPhase,
  type WantedState,
} from "./app-status.ts";

/** How far the wait for a change has come. */
export interface AppWait {
  readonly wanted: WantedState;
  /** The condition the app was in before the change. */
  readonly before: { readonly phase: AppPhase; readonly key: string };
  /** Whether the app was seen on its way since. */
  readonly isUnderWay: boolean;
  /** Whether what it runs was replaced, so that the state before is not the one to come. */
  readonly isRedeployed: boolean;
}

export type Verdict = "reached" | "waiting" | "failed" | "overruled";

/** Phases that an app is not in by being left alone, switched off or broken. */
const moving: ReadonlySet<AppPhase> = new Set<AppPhase>([
  "assigned",
  "pending",
  "started",
  "active",
  "scaling_up",
  "scaling_down",
  "deploying",
]);

/** The wait for a change of an app, as it was read before. */
export function startWait(
  wanted: WantedState,
  app: App,
  { isRedeployed = false }: Partial<Pick<AppWait, "isRedeployed">> = {},
): AppWait {
  const phase = toAppPhase(lastCondition(app)?.deploymentStatus ?? 0);
  return { wanted, before: { phase, key: toConditionKey(app) }, isUnderWay: false, isRedeployed };
}

/**
 * What a state told after the change means for the wait.
 *
 * Control planes answer from caches that may be half a minute old, so a bad state can be the one
 * before the change. Being switched off counts against an activation only when the app was seen on
 * its way before. A failure counts unless it is the very one the change began with, and an app that
 * failed may fail in other words until it is switched off. With `isLate`, when caches are past
 * doubt, every failure counts, and so does an app whose description asks for the other state:
 * someone changed it again. An app that was active when it was replaced is active again only in a
 * condition of its own.
 */
export function judgeState(
  wait: AppWait,
  app: App,
  status: AppStatus,
  isLate: boolean,
): { readonly verdict: Verdict; readonly wait: AppWait } {
  const { wanted, before } = wait;
  const isChanged = toConditionKey(app) !== before.key;
  const isStep = moving.has(status.phase) && (wanted === "deactivated" || !isScalingDown(status));
  const isUnderWay = wait.isUnderWay || (isChanged && isStep);
  return { verdict: judge(), wait: { ...wait, isUnderWay } };

  function judge(): Verdict {
    if (isInState(app, status, wanted) && !isOfOldRevision()) return "reached";
    if (status.phase === "failed") return isOldFailure() && !isLate ? "waiting" : "failed";
    if (isLate && asksForOpposite(app, wanted)) return "overruled";
    return wanted === "active" && status.isDeactivated && isUnderWay ? "overruled" : "waiting";
  }

  /** Not for ever: a control plane may find that there was nothing to replace. */
  function isOfOldRevision(): boolean {
    return wait.isRedeployed && !isChanged && !isLate;
  }

  function isOldFailure(): boolean {
    if (isUnderWay || before.phase !== "failed") return false;
    return wanted === "deactivated" || !isChanged;
  }
}

function isScalingDown({ phase }: AppStatus): boolean {
  return phase === "scaling_down";
}

/** Equal for two reports of one condition. */
function toConditionKey(app: App): string {
  const condition = lastCondition(app);
  if (condition === undefined) return "";
  const { deploymentStatus, message, revision, lastTransitionTime: at } = condition;
  return JSON.stringify([deploymentStatus, message, `${revision}`, `${at?.seconds}.${at?.nanos}`]);
}
