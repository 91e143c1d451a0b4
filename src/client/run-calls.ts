import type { JsonObject } from "../shared/json.ts";
import type { Phase } from "../values/phases.ts";
import type {
  CallOptions,
  RunIo,
  RunOptions,
  RunPlan,
  RunRef,
  RunStatus,
  Scope,
  StartedRun,
  TaskDetails,
  TaskRef,
  WaitOptions,
} from "./control-plane.ts";
import type { ListPage, PageOptions } from "./page-options.ts";
import type { RunHistory } from "./run-history.ts";

export interface RerunOptions extends RunOptions {
  /** The task's version; `latest` for the one deployed last. @default that of the earlier run */
  readonly version?: string;
}

/** The calls about runs. */
export interface RunCalls {
  /**
   * Starts a run. Inputs are checked against the task's interface before anything is sent. A run
   * lives in the project and domain of the options, else of the control plane, else of the task. A
   * run of the given name that already exists is returned when it is of the same task.
   *
   * @throws FlyteError `invalid_input` naming every fault; `conflict` when a run of the given name
   * is of another task; `payload_mismatch` when it has another fingerprint
   */
  start(task: TaskRef | TaskDetails, inputs: JsonObject, options?: RunOptions): Promise<StartedRun>;
  /**
   * Decides all that {@link RunCalls.start} decides, and starts nothing.
   *
   * @throws FlyteError what `start` would throw before it sends anything
   */
  plan(task: TaskRef | TaskDetails, inputs: JsonObject, options?: RunOptions): Promise<RunPlan>;
  /**
   * Starts a run of the task of an earlier one, with its inputs and settings, over which those given are laid. What
   * the earlier run had of its own (resources, secrets) in place of its task's is not taken over.
   *
   * @throws FlyteError `not_found` when the run, or that version of its task, is not there; `precondition_failed` when
   * it is of no registered task; `invalid_input` naming every fault
   */
  rerun(run: RunRef, inputs?: JsonObject, options?: RerunOptions): Promise<StartedRun>;
  /** Decides all that {@link RunCalls.rerun} decides, and starts nothing. */
  planRerun(run: RunRef, inputs?: JsonObject, options?: RerunOptions): Promise<RunPlan>;
  get(run: RunRef, options?: CallOptions): Promise<RunStatus>;
  io(run: RunRef, options?: CallOptions): Promise<RunIo & { readonly status: RunStatus }>;
  /** Asks the control plane to stop the run and all its actions. A run that has ended stays as it is. */
  abort(run: RunRef, reason?: string, options?: CallOptions): Promise<RunStatus>;
  list(
    scope?: Partial<Scope>,
    options?: CallOptions & { readonly limit?: number },
  ): Promise<readonly RunStatus[]>;
  /**
   * One page of {@link RunCalls.list}, newest first.
   *
   * @throws FlyteError `invalid_input` for a limit or an `after` that is none
   */
  page(scope?: Partial<Scope>, options?: RunFilter & PageOptions): Promise<ListPage<RunStatus>>;
  /** Every change of state, the current one first; ends with the run. Reconnects by itself. */
  watch(run: RunRef, options?: CallOptions): AsyncIterable<RunStatus>;
  /**
   * The phases of all attempts, the current list first and again with each change; ends with the run.
   * Reconnects by itself.
   */
  watchHistory(run: RunRef, options?: CallOptions): AsyncIterable<RunHistory>;
  /** Waits for the end. @throws FlyteError `deadline_exceeded` after `timeoutMs` */
  wait(run: RunRef, options?: WaitOptions): Promise<RunStatus>;
  /** The log of one attempt, as it is written, until the attempt has ended. */
  logs(run: RunRef, options?: RunLogOptions): AsyncIterable<LogLine>;
}

/** Which runs are listed: those that fit all that is given. */
export interface RunFilter {
  /** @default all */
  readonly phases?: readonly Phase[];
  /** The name of their task, or several. @default all */
  readonly task?: string | readonly string[];
  /** The subject of who started them. @default all */
  readonly owner?: string;
  /** Those that began then or later. */
  readonly since?: Date;
  /** Those that began before. */
  readonly until?: Date;
}

export interface RunLogOptions extends CallOptions {
  /** Counted from 1. @default the last one */
  readonly attempt?: number;
  /**
   * Whether to wait for lines that are not written yet. Without it the log ends when nothing comes for a
   * second, for three at its beginning.
   *
   * @default true
   */
  readonly follow?: boolean;
}

export interface LogLine {
  readonly message: string;
  readonly time: Date | undefined;
}
