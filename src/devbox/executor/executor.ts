/**
 * The seam between the engine, which decides what runs when, and the executor, which runs one
 * attempt of one action as a process and knows neither the store nor the wire.
 */
export interface AttemptRequest {
  readonly org: string;
  readonly project: string;
  readonly domain: string;
  readonly run: string;
  readonly action: string;
  /** Starts at 1. */
  readonly attempt: number;
  readonly task: {
    readonly project: string;
    readonly domain: string;
    readonly name: string;
    readonly version: string;
  };
  /** `container.command` followed by `container.args`, templates not yet substituted. */
  readonly argv: readonly string[];
  /** Environment of the run and of the task's container; later names win. */
  readonly env: Readonly<Record<string, string>>;
  /** What the task may call the control plane with, about its own run. @default nothing */
  readonly token?: string;
  /** URI of the file `inputs.pb`. */
  readonly inputsUri: string;
  /** URI of the run's output base, without a trailing slash. */
  readonly runBase: string;
  readonly runStartTime: Date;
  /** @default no limit */
  readonly timeoutMs?: number;
}

export type AttemptResult =
  | { readonly kind: "succeeded"; readonly outputsUri: string }
  | {
      readonly kind: "failed";
      readonly error: AttemptError;
      /** Whether another attempt may be made. A system failure does not use up an attempt. */
      readonly retryable: boolean;
    }
  | { readonly kind: "timed_out"; readonly error: AttemptError }
  | { readonly kind: "aborted" };

export interface AttemptError {
  readonly code: string;
  readonly message: string;
  readonly kind: "user" | "system";
}

export interface AttemptLine {
  readonly time: Date;
  readonly stream: "stdout" | "stderr";
  readonly message: string;
}

export interface AttemptHooks {
  /** Aborting it ends the attempt's whole process group: SIGTERM, then SIGKILL. */
  readonly signal: AbortSignal;
  /** The process is up. */
  readonly onRunning: () => void;
  /** A line of output was captured; it is already on disk. */
  readonly onLine: (line: AttemptLine) => void;
}

export interface Executor extends AsyncDisposable {
  /** Runs one attempt. Never rejects: whatever goes wrong is a result. */
  run(request: AttemptRequest, hooks: AttemptHooks): Promise<AttemptResult>;
  /** The lines captured so far, in order. Empty when the attempt never ran. */
  readLines(
    attempt: Pick<AttemptRequest, "project" | "domain" | "run" | "action" | "attempt">,
  ): AsyncIterable<AttemptLine>;
  close(): Promise<void>;
}
