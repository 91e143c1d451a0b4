import type { FlyteErrorCode } from "../shared/errors.ts";

/** What the command's exit code tells a script. Documented in `docs/cli.md`. */
export const exitCodes = {
  done: 0,
  /** The run ended, but not in success. */
  runFailed: 1,
  /** The command line, a file or a value is wrong. */
  usage: 2,
  /** What was named does not exist. */
  notFound: 3,
  /** No credential, a wrong one, or one without the right. */
  denied: 4,
  /** The control plane cannot be reached, or did not answer in time. */
  unavailable: 5,
  /** Anything else. */
  failure: 70,
  /** Ctrl-C while waiting: 128 and the number of SIGINT, as shells have it. */
  interrupted: 130,
} as const;

const byCode: Partial<Record<FlyteErrorCode, number>> = {
  invalid_input: exitCodes.usage,
  invalid_config: exitCodes.usage,
  not_initialized: exitCodes.usage,
  conflict: exitCodes.usage,
  precondition_failed: exitCodes.usage,
  not_found: exitCodes.notFound,
  unauthenticated: exitCodes.denied,
  permission_denied: exitCodes.denied,
  unavailable: exitCodes.unavailable,
  deadline_exceeded: exitCodes.unavailable,
  exhausted: exitCodes.unavailable,
  run_failed: exitCodes.runFailed,
  app_failed: exitCodes.runFailed,
};

export function exitCodeOf(code: FlyteErrorCode): number {
  return byCode[code] ?? exitCodes.failure;
}
