import type { Status_DeploymentStatus } from "../../idl/apps.ts";
import type { AttemptLine } from "../executor/executor.ts";
import type { AppRow } from "../store/apps.ts";

/**
 * The seam between the services and the gateway, which are asked about apps, and what runs them: the
 * runtime keeps the processes of every app as its stored row wants them, and knows no wire.
 */
export interface AppRuntime extends AsyncDisposable {
  /** Takes up every stored app, after the processes of an earlier life are ended. */
  start(): Promise<void>;
  /**
   * To be called once a new or changed row is on disk. Returns at once; what runs follows. The same row
   * again lets an app whose starts fail try again without delay, and is nothing to others.
   */
  apply(row: AppRow): void;
  /** Ends a deleted app. Resolves when none of its processes is left. */
  remove(id: number): Promise<void>;
  /** How an app is doing. Undefined for one that was never applied, or is removed. */
  state(id: number): AppState | undefined;
  /** Calls back after each change of any app's state, and of what is wanted. Returns what ends that. */
  onChange(listener: (change: AppChange) => void): () => void;
  /**
   * A place for one request. Starts the app when it sleeps, and waits for a replica that is ready and
   * has room; requests are served in the order they came.
   *
   * @throws FlyteError `not_found` when it is unknown or stopped; `app_failed` when it cannot be
   * started, with a message for whoever may read the app; `exhausted` when a thousand wait already;
   * `unavailable` when the devbox ends;
   * the signal's reason when that aborts first
   */
  acquire(id: number, signal: AbortSignal): Promise<Lease>;
  /** The same at once, where a replica has room; undefined where {@link acquire} has to be asked. */
  lease(id: number): Lease | undefined;
  /** Logs by replica, also of replicas that ended lately. */
  readonly logs: AppLogs;
  /** Ends all processes, running requests answered within a grace time. What is wanted stays stored. */
  close(): Promise<void>;
}

/** One request's place on a replica. */
export interface Lease {
  readonly replica: string;
  /** Where the replica listens: an address of this machine. */
  readonly host: string;
  readonly port: number;
  /** Aborts when the replica ends, with the reason. */
  readonly ended: AbortSignal;
  /** Gives the place back. Safe to call twice. */
  release(): void;
  /**
   * Tells that the replica refused a connection. Resolves once it listens again, or gets no further
   * requests: one that lives and does not listen is replaced.
   */
  refused(): Promise<void>;
}

export interface AppState {
  /** Oldest first, at most ten, never empty; the last is what holds now. */
  readonly conditions: readonly AppCondition[];
  /** Processes that are ready. */
  readonly currentReplicas: number;
  readonly replicas: readonly ReplicaState[];
}

export interface AppCondition {
  readonly time: Date;
  readonly status: Status_DeploymentStatus;
  /** Number of `flyteidl2.app.Status.Substate`; 0 for none. */
  readonly substate: number;
  readonly message: string;
  readonly revision: number;
}

export interface ReplicaState {
  readonly name: string;
  readonly revision: number;
  readonly phase: "starting" | "ready" | "draining" | "backing_off";
}

export interface AppChange {
  readonly kind: "created" | "updated" | "deleted";
  /** The stored row; for a deleted app the last one. */
  readonly row: AppRow;
  readonly state: AppState | undefined;
}

/** A line that a replica wrote. */
export interface AppLine extends AttemptLine {
  readonly replica: string;
}

export interface AppLogs {
  /** Names of the replicas that have a log, oldest first. */
  replicas(id: number): readonly string[];
  /**
   * What was written so far and, until the signal aborts or the app is removed, what is written from
   * then on, in batches. A reader that is slow misses nothing.
   *
   * @param replica one of them alone. @default all, those that start later included
   */
  tail(
    id: number,
    replica: string | undefined,
    signal: AbortSignal,
  ): AsyncIterable<readonly AppLine[]>;
}
