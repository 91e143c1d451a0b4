/**
 * What a process supervisor and a warm worker say to each other over the Node IPC channel.
 *
 * A worker is a launcher started with `--worker`. It says {@link WorkerReady} when it has started,
 * takes one {@link WorkerJob} at a time, does
 * what the launcher would do if started as a process of its own with that argv, environment and
 * working directory, writes the job's `marker` to stdout and to stderr, and answers with
 * {@link WorkerDone}. The supervisor counts a job as ended when both markers and the answer have
 * arrived, so every byte of output belongs to exactly one job. A {@link WorkerAbort} asks the
 * running job to stop. A worker whose channel closes exits.
 */
export type WorkerRequest = WorkerJob | WorkerAbort;

export interface WorkerJob {
  readonly type: "job";
  readonly id: string;
  /** Arguments, without the launcher's own command. */
  readonly argv: readonly string[];
  /** The whole environment of the job; nothing else is visible to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Unguessable text that ends the job's output on both streams. */
  readonly marker: string;
}

export interface WorkerAbort {
  readonly type: "abort";
  readonly id: string;
}

export interface WorkerDone {
  readonly type: "done";
  readonly id: string;
  readonly exitCode: number;
  /** The worker is not fit for another job: code of this one may still be running in it. */
  readonly retire: boolean;
  /** Resident memory of the worker, in bytes. */
  readonly rssBytes: number;
}

/** The first message of a worker. Jobs may be sent before; they wait in the channel. */
export interface WorkerReady {
  readonly type: "ready";
}

/** Whether a message of the IPC channel is a worker's first. */
export function isWorkerReady(message: unknown): message is WorkerReady {
  return (
    typeof message === "object" && message !== null && "type" in message && message.type === "ready"
  );
}

/** Whether a message of the IPC channel is a worker's answer. */
export function isWorkerDone(message: unknown): message is WorkerDone {
  return isMessage(message) && message.type === "done";
}

/** Whether a message of the IPC channel is a supervisor's request. */
export function isWorkerRequest(message: unknown): message is WorkerRequest {
  return isMessage(message) && (message.type === "job" || message.type === "abort");
}

function isMessage(message: unknown): message is { type: string; id: string } {
  return (
    typeof message === "object" &&
    message !== null &&
    "type" in message &&
    "id" in message &&
    typeof message.id === "string"
  );
}
