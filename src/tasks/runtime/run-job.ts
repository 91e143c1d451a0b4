import { inspect } from "node:util";
import { toErrorDocument } from "./error-document.ts";
import { toExitCode, watchEscapes } from "./escapes.ts";
import { runTask } from "./run-task.ts";
import { parseTaskArguments, type TaskArguments, UsageError } from "./task-arguments.ts";
import { writeResult } from "./task-files.ts";

export interface JobOptions {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Becomes the task's `ctx.signal`. */
  readonly signal: AbortSignal;
}

export interface JobEnd {
  readonly exitCode: number;
  /** The job ended otherwise than by its promise, so that its code may still be running. */
  readonly escaped: boolean;
}

const USAGE_EXIT = 2;
const NO_RESULT_EXIT = 1;

/**
 * Runs one attempt of a task by Flyte's contract: exit 0 with `outputs.pb` is success, exit 0 with
 * `error.pb` is a failure, and any other exit means that not even that could be written.
 */
export async function runJob(options: JobOptions): Promise<JobEnd> {
  let args: TaskArguments;
  try {
    args = parseTaskArguments(options.argv, options.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return { exitCode: USAGE_EXIT, escaped: false };
  }
  using watch = watchEscapes();
  const result = runTask(args, options).then(
    (outputs) => (watch.hasEscaped() ? 0 : write(args, "outputs.pb", outputs)),
    (error: unknown) => (watch.hasEscaped() ? 0 : writeError(args, error)),
  );
  const first = await Promise.race([result, watch.escaped]);
  // A task may set process.exitCode and return, as a process of its own would.
  const exitCode = toExitCode(process.exitCode);
  process.exitCode = undefined;
  if (typeof first === "number") return { exitCode: first || exitCode, escaped: false };
  if (first.kind === "exit") return { exitCode: first.exitCode, escaped: true };
  return { exitCode: (await writeError(args, first.error)) || exitCode, escaped: true };
}

function writeError(args: TaskArguments, error: unknown): Promise<number> {
  process.stderr.write(`${inspect(error)}\n`);
  return write(args, "error.pb", toErrorDocument(error));
}

async function write(args: TaskArguments, name: string, bytes: Uint8Array): Promise<number> {
  try {
    await writeResult(args.outputsPath, name, bytes);
    return 0;
  } catch (error) {
    process.stderr.write(`flyte-task: cannot write ${name}: ${inspect(error)}\n`);
    return NO_RESULT_EXIT;
  }
}
