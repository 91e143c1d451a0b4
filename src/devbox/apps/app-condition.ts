import { Status_DeploymentStatus as Status } from "../../idl/apps.ts";
import { type SubstateName, substateNames } from "../../values/app-fields.ts";
import type { AppCondition } from "./app-runtime.ts";

/** Why starts of a revision fail. */
export interface Failure {
  readonly substate: SubstateName;
  readonly message: string;
}

/** All that decides an app's condition. */
export interface AppFacts {
  /** Whether the app is meant to run. */
  readonly wanted: boolean;
  /** Processes of the app in any phase, of all revisions. */
  readonly processes: number;
  /** The newest revision; what is left of others does not count. */
  readonly newest: {
    readonly revision: number;
    /** Whether one of its replicas was ready since it was deployed, started or had failed. */
    readonly proven: boolean;
    /** Replicas there should be. */
    readonly desired: number;
    readonly ready: number;
    /** Replicas that finish their last requests. */
    readonly draining: number;
    /** Set from the first early end on until a replica is ready. */
    readonly failure: Failure | undefined;
    /** Whether the failure is more than one that another start may mend. */
    readonly hasFailed: boolean;
  };
  /** An older revision that serves while the newest does not. */
  readonly servingRevision: number | undefined;
}

/** The condition that follows from the facts, and from nothing else. */
export function toCondition(facts: AppFacts): Omit<AppCondition, "time"> {
  const { status, substate, message } = facts.wanted ? running(facts) : stopping(facts);
  return {
    status,
    substate: substateNames.indexOf(substate),
    message,
    revision: facts.newest.revision,
  };
}

/** Whether nothing that a reader would notice has changed. */
export function isSameCondition(a: Omit<AppCondition, "time">, b: AppCondition): boolean {
  return (
    a.status === b.status &&
    a.substate === b.substate &&
    a.message === b.message &&
    a.revision === b.revision
  );
}

interface Told {
  readonly status: Status;
  readonly substate: SubstateName;
  readonly message: string;
}

function stopping({ processes }: AppFacts): Told {
  if (processes === 0) return told(Status.STOPPED, "unspecified", "Stopped.");
  return told(Status.ACTIVE, "scaling_down", `Stopping: ${count(processes)} to end.`);
}

function running({ newest, servingRevision }: AppFacts): Told {
  const { proven, desired, ready, draining, failure, hasFailed, revision } = newest;
  const serving =
    servingRevision === undefined ? "" : ` Revision ${servingRevision} goes on serving.`;
  const last = failure === undefined ? "" : ` ${failure.message}`;
  if (failure !== undefined && hasFailed && ready === 0) {
    return told(Status.FAILED, failure.substate, `${failure.message}${serving}`);
  }
  if (!proven) {
    const message = `Revision ${revision} is starting.${serving}${last}`;
    return told(Status.DEPLOYING, "initializing", message);
  }
  if (ready === 0 && desired > 0) {
    return told(Status.ACTIVE, "scaling_from_zero", `A replica is starting.${last}`);
  }
  if (ready < desired) {
    const message = `Ready: ${ready} of ${count(desired)}.${last}`;
    return told(Status.ACTIVE, "scaling_up", message);
  }
  if (draining > 0) {
    const message = `Ready: ${count(ready)}; ${draining} to end.`;
    return told(Status.ACTIVE, "scaling_down", message);
  }
  if (ready === 0) {
    return told(Status.ACTIVE, "scaled_to_zero", "No replica runs; a request starts one.");
  }
  return told(Status.ACTIVE, "running", `Ready: ${count(ready)}.`);
}

function told(status: Status, substate: SubstateName, message: string): Told {
  return { status, substate, message };
}

function count(replicas: number): string {
  return `${replicas} ${replicas === 1 ? "replica" : "replicas"}`;
}
