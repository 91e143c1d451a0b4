import type { JsonObject } from "../shared/json.ts";
import type { Phase } from "../values/phases.ts";
import type { AppCalls } from "./app-calls.ts";
import type { AuthMetadata } from "./auth-metadata.ts";
import type { CallObserver } from "./call-observer.ts";
import type { ConditionCalls } from "./condition-calls.ts";
import type { ImageCalls } from "./image-calls.ts";
import type { ListPage, PageOptions } from "./page-options.ts";
import type { RunCalls } from "./run-calls.ts";
import type { SecretCalls } from "./secret-calls.ts";
import type { TriggerCalls } from "./trigger-calls.ts";

/** Where tasks and runs live: a project and one of its domains. */
export interface Scope {
  readonly project: string;
  readonly domain: string;
}

export interface CallOptions {
  /** Stops waiting for the answer. A request already sent may still take effect. */
  readonly signal?: AbortSignal;
  /**
   * Longest time for the whole call, retries included.
   *
   * @default the control plane's `timeoutMs`; none for `watch`, `wait` and `logs`
   */
  readonly timeoutMs?: number;
  /** The credential headers of this call; they win over those bound by `authMetadata`. */
  readonly auth?: AuthMetadata;
}

export interface TaskRef extends Partial<Scope> {
  readonly name: string;
  /** @default the version deployed last */
  readonly version?: string;
}

/** What the control plane tells of one version of a task. */
export interface TaskDetails extends Scope {
  readonly name: string;
  readonly version: string;
  readonly taskType: string;
  /** Inputs without a default, in the order of the interface. */
  readonly requiredInputs: readonly string[];
  readonly defaultInputs: readonly string[];
  readonly cache: {
    readonly behavior: "disable" | "override" | "auto";
    readonly versionOverride: string | null;
    readonly serialize: boolean;
  };
  /** Keys of the secrets the task asks for. */
  readonly secrets: readonly string[];
  /** JSON Schema of the inputs object. */
  readonly inputSchema: JsonObject;
}

export interface RunRef extends Partial<Scope> {
  readonly name: string;
}

export interface RunOptions extends CallOptions, Partial<Scope> {
  /**
   * The run's name: 1-30 characters, `[a-z]([-a-z0-9]*[a-z0-9])?`. With a name the start may be
   * retried safely; without one the control plane chooses and a start is sent exactly once.
   */
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where the run keeps its data, for example `s3://bucket/models`. @default the control plane's own */
  readonly rawDataPrefix?: string;
  /** Sent with the task's specification by value, so that they count for this run. @default none */
  readonly overrides?: TaskOverrides;
  /** Whether it may be moved off machines that go away. @default the task's own */
  readonly interruptible?: boolean;
  /** Whether cached outputs are computed anew. @default false */
  readonly overwriteCache?: boolean;
  /** @default the control plane's choice */
  readonly queue?: string;
  /**
   * Stands for all that a repeated start under the same `name` has to have in common with the first, as 1-63 letters and
   * digits. Kept with the run as a label.
   *
   * @default not compared
   */
  readonly fingerprint?: string;
  /**
   * What starts it, as consoles tell it (`flyteidl2.workflow.RunSource`): a command line, or a page of the web.
   *
   * @default not told
   */
  readonly source?: "cli" | "web";
}

/** A run, right after its start. */
export interface StartedRun extends RunStatus {
  /** Whether a run of the name in the options was there already, so that nothing was started. */
  readonly existed: boolean;
}

/** What a start would do. */
export interface RunPlan {
  /** Where the run would live. */
  readonly scope: Scope;
  readonly task: Scope & { readonly name: string; readonly version: string };
  /** Every input, those left to their defaults included. Undefined where the control plane keeps them to itself. */
  readonly inputs: JsonObject | undefined;
  /** The run of the name in the options that is there already and would be returned. */
  readonly existing: RunStatus | undefined;
}

/** What one run of a task gets in place of, or beside, what is registered with it. */
export interface TaskOverrides {
  /** Amounts as Kubernetes writes them: `2`, `500m`, `8Gi`. @default those of the task */
  readonly resources?: {
    readonly cpu?: string;
    readonly memory?: string;
    readonly disk?: string;
  };
  /** Secrets beside those of the task, each as an environment variable. @default none */
  readonly secrets?: readonly { readonly key: string; readonly envVar: string }[];
}

/** The state of a run as the control plane last told it. */
export interface RunStatus extends Scope {
  readonly name: string;
  readonly phase: Phase;
  readonly done: boolean;
  /** Address of the run's page in the console. */
  readonly url: string;
  /** The task it runs; absent when the run was started from something else. */
  readonly task: (Scope & { readonly name: string; readonly version: string }) | undefined;
  /** Subject of the caller who started it, when known. */
  readonly owner: string | undefined;
  readonly attempts: number;
  readonly startedAt: Date | undefined;
  readonly endedAt: Date | undefined;
  readonly error: { readonly kind: "user" | "system"; readonly message: string } | undefined;
  readonly abortReason: string | undefined;
}

export interface RunIo {
  readonly inputs: JsonObject | null;
  /** Keyed `o0`, `o1`, … in interface order; null until the run has ended. */
  readonly outputs: JsonObject | null;
  /** The same by the names of the task's interface. */
  readonly namedOutputs: JsonObject | null;
}

export interface WaitOptions extends CallOptions {
  /** Called with every state seen, the first one included. */
  readonly onStatus?: (status: RunStatus) => void;
}

export interface User {
  readonly subject: string;
  readonly name: string;
  readonly email: string;
}

export interface TaskCalls {
  /** @throws FlyteError `not_found` when the task or the version does not exist */
  get(task: TaskRef, options?: CallOptions): Promise<TaskDetails>;
  list(scope?: Partial<Scope>, options?: CallOptions): Promise<readonly TaskSummary[]>;
  /**
   * One page of {@link TaskCalls.list}.
   *
   * @throws FlyteError `invalid_input` for a limit or an `after` that is none
   */
  page(scope?: Partial<Scope>, options?: TaskFilter & PageOptions): Promise<ListPage<TaskSummary>>;
}

/** Which tasks are listed. */
export interface TaskFilter {
  /** A part of the name, in any case. @default all */
  readonly name?: string;
}

export interface TaskSummary extends Scope {
  readonly name: string;
  readonly version: string;
  readonly deployedAt: Date | undefined;
}

export interface UserCalls {
  /** Who the control plane takes the caller for. */
  me(options?: CallOptions): Promise<User>;
}

/** One control plane, and every call that can be made to it. */
export interface ControlPlane extends AsyncDisposable {
  /** Base URL, for example `http://127.0.0.1:30080`. */
  readonly endpoint: string;
  readonly org: string;
  readonly project: string | undefined;
  readonly domain: string | undefined;
  readonly tasks: TaskCalls;
  readonly runs: RunCalls;
  readonly users: UserCalls;
  readonly apps: AppCalls;
  readonly triggers: TriggerCalls;
  readonly images: ImageCalls;
  readonly secrets: SecretCalls;
  readonly conditions: ConditionCalls;
  /** Tells of every try of every call from now on, until what it returns is disposed. */
  observe(observer: CallObserver): Disposable;
  /** Ends every call and stream under way and closes the connections. Safe to call twice. */
  close(): Promise<void>;
}
