import type { Failure } from "./app-condition.ts";
import type { AppPlan } from "./app-plan.ts";
import type { LocalHost } from "./listening.ts";

/** What is to be started. */
export interface ReplicaRequest {
  readonly appId: number;
  readonly name: string;
  readonly plan: AppPlan;
}

/** Where a replica listens. */
export interface ReplicaAddress {
  readonly host: LocalHost;
  readonly port: number;
  /** Whether that is the port its container declares, and not the one it was given. */
  readonly isDeclared: boolean;
}

/** What the one who started a replica hears of it; nothing before the start has returned. */
export interface ReplicaHooks {
  /** It listens. `listens` says whether it still does, or does so again within a second. */
  readonly onReady: (address: ReplicaAddress, listens: () => Promise<boolean>) => void;
  /** Its process is gone, others of its group may not be yet. */
  readonly onExit: () => void;
  /** Nothing is left of it. */
  readonly onEnded: (end: ReplicaEnd) => void;
}

/** How a replica ended, for the case that nobody had told it to. */
export interface ReplicaEnd extends Failure {
  /** Whether another start is of no use unless something else changes. */
  readonly isFinal: boolean;
}

/** A replica that was started. */
export interface ReplicaProcess {
  /** Ends its processes: SIGTERM, then SIGKILL. Safe to call twice. */
  end(): void;
}

/** Starts a replica and returns at once. */
export type StartReplica = (request: ReplicaRequest, hooks: ReplicaHooks) => ReplicaProcess;
