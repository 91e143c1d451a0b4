import { CommanderError } from "commander";
import { FlyteError, printPath } from "../shared/errors.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { note } from "./output.ts";
import { createProgram } from "./program.ts";

/** Runs the command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // The reader has gone (`| head`): what it wanted, it has.
    if (error.code === "EPIPE") process.exit(exitCodes.done);
    throw error;
  });
  // Notes nobody reads any more must not end a server.
  process.stderr.on("error", () => undefined);
  try {
    await createProgram().parseAsync(argv);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Tells a person what went wrong, one line for each fault, and returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  if (!FlyteError.is(error)) {
    note(
      `error: this is a defect, please report it.\n${error instanceof Error ? error.stack : error}`,
    );
    return exitCodes.failure;
  }
  if (error.faults.length > 1) {
    note(`error: ${error.faults.length} values are wrong.`);
    for (const { path, message } of error.faults) {
      note(`  ${path.length === 0 ? "" : `${printPath(path)}: `}${message}`);
    }
  } else {
    note(`error: ${error.message}`);
  }
  if (
    /^Cannot connect to https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/ .]/.test(error.message)
  ) {
    note("A control plane on this machine is started with: flyte-webhook dev");
  }
  return exitCodeOf(error.code);
}
