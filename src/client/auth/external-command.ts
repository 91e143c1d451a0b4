import { execFile } from "node:child_process";
import { FlyteError } from "../../shared/errors.ts";
import { isTokenText } from "./token.ts";
import type { TokenSource } from "./token-authenticator.ts";

export interface RunCommandOptions {
  /** Ends the program when it aborts. */
  readonly signal: AbortSignal;
  /** Ends the program after this long. @default 60_000 */
  readonly timeoutMs?: number;
}

/**
 * Runs a program without a shell and gives what it printed, without surrounding space. Neither its
 * arguments nor its output appear in errors: both may hold secrets.
 *
 * @throws FlyteError `unauthenticated` when it cannot start, fails, or takes too long
 */
export function runCommand(
  command: readonly string[],
  { signal, timeoutMs = 60_000 }: RunCommandOptions,
): Promise<string> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { signal, timeout: timeoutMs, maxBuffer: 1024 * 1024, windowsHide: true },
      (error, stdout) => {
        if (error === null) resolve(stdout.trim());
        else if (signal.aborted) reject(signal.reason);
        else reject(commandFailed(program, reasonOf(error, timeoutMs)));
      },
    );
  });
}

function reasonOf(
  error: { readonly code?: number | string | null; readonly killed?: boolean },
  timeoutMs: number,
): string {
  if (error.code === "ENOENT") return "it was not found";
  if (error.code === "EACCES") return "it is not executable";
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "it printed more than 1 MiB";
  if (error.killed === true) return `it did not end within ${timeoutMs / 1000} s`;
  return typeof error.code === "number" ? `it ended with exit code ${error.code}` : "it failed";
}

function commandFailed(program: string, reason: string): FlyteError {
  return new FlyteError(
    "unauthenticated",
    `The program ${JSON.stringify(program)} gave no token: ${reason}. Correct admin.command (option command).`,
  );
}

/** Gets tokens from a program that prints one. It runs again when a call has been refused. */
export function createExternalCommandSource(
  command: readonly string[],
  timeoutMs?: number,
): TokenSource {
  return {
    async getToken({ signal }) {
      const limit = timeoutMs === undefined ? {} : { timeoutMs };
      const accessToken = await runCommand(command, { signal, ...limit });
      if (isTokenText(accessToken)) return { accessToken };
      throw commandFailed(
        command[0] ?? "",
        "its output is not one line of visible ASCII characters",
      );
    },
  };
}
