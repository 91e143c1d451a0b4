import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { WaitFor } from "./condition.ts";
import { UserError } from "./task-errors.ts";
import type { FileRef, Json } from "./task-type.ts";

/** What a task's function is told besides its inputs. */
export interface TaskContext {
  readonly log: TaskLogger;
  /** Name of the run. */
  readonly run: string;
  /** Name of the action; `a0` is the run's root. */
  readonly action: string;
  /** Starts at 1. */
  readonly attempt: number;
  readonly project: string;
  readonly domain: string;
  /** Fires when the run is aborted or out of time. The process ends a few seconds later. */
  readonly signal: AbortSignal;
  /**
   * Pauses until a person has answered, by the command line, over HTTP or with a link. A further attempt of
   * the task gets the answer that was given before.
   *
   * @example
   * ```ts
   * const approved = await ctx.waitFor("deploy", { prompt: "Deploy to production?" });
   * const share = await ctx.waitFor("share", { type: t.float(), prompt: "How much traffic?" });
   * ```
   *
   * @throws UserError with the code `ConditionTimedOut` after `timeoutMs`, `ConditionAborted` when
   * someone has aborted it; neither is retried
   */
  readonly waitFor: WaitFor;
  /** Stores a file next to the attempt's outputs and returns where it is. */
  writeFile(name: string, data: string | Uint8Array): Promise<FileRef>;
}

/** Writes one JSON line per call: `debug` and `info` to stdout, `warn` and `error` to stderr. */
export interface TaskLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LogFields {
  readonly [name: string]: Json;
}

/** What tells one context from another. */
export type TaskContextOptions = Omit<TaskContext, "log" | "writeFile"> & {
  /** Where files of the attempt go. @default a new temporary folder */
  readonly rawDataUri?: string;
};

/** Makes the context of one attempt; without options, one for calling a task in a test. */
export function createTaskContext(options: Partial<TaskContextOptions> = {}): TaskContext {
  const { rawDataUri } = options;
  let dir: Promise<string> | undefined;
  return {
    log: createLogger(),
    run: options.run ?? "local",
    action: options.action ?? "a0",
    attempt: options.attempt ?? 1,
    project: options.project ?? "flytesnacks",
    domain: options.domain ?? "development",
    signal: options.signal ?? new AbortController().signal,
    waitFor: options.waitFor ?? refuseToWait,
    async writeFile(name, data) {
      if (name === "" || name === "." || name === ".." || /[/\\\0]/.test(name)) {
        throw new UserError(`File name ${JSON.stringify(name)} must be a plain name.`);
      }
      dir ??= openFolder(rawDataUri);
      const path = join(await dir, name);
      await writeFile(path, data);
      return { uri: pathToFileURL(path).href };
    },
  };
}

const refuseToWait: WaitFor = async (name) => {
  throw new UserError(
    `Nobody is there to answer ${JSON.stringify(name)}: give createTaskContext a waitFor that does.`,
    { code: "NoControlPlane", retryable: false },
  );
};

async function openFolder(uri: string | undefined): Promise<string> {
  if (uri === undefined) return mkdtemp(join(tmpdir(), "flyte-task-"));
  if (!uri.startsWith("file://")) {
    throw new UserError(`Files can be written to file:// only, not to ${uri}.`);
  }
  const dir = join(fileURLToPath(uri), "files");
  await mkdir(dir, { recursive: true });
  return dir;
}

function createLogger(): TaskLogger {
  const write =
    (stream: NodeJS.WriteStream, level: string) => (message: string, fields?: LogFields) => {
      stream.write(`${JSON.stringify({ level, message, ...fields }, printBigint)}\n`);
    };
  return {
    debug: write(process.stdout, "debug"),
    info: write(process.stdout, "info"),
    warn: write(process.stderr, "warn"),
    error: write(process.stderr, "error"),
  };
}

function printBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
