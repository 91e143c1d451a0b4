import { FlyteError } from "../shared/errors.ts";
import type { RunStatus } from "./control-plane.ts";

/** The error for a run that ended badly, with what the run said about it. */
export function runFailed(run: RunStatus): FlyteError {
  const { name, phase } = run;
  const why = reasonOf(run);
  const how = phase === "failed" ? "failed" : phase === "aborted" ? "was aborted" : "timed out";
  return new FlyteError("run_failed", `Run ${name} ${how}${why ? `: ${why}` : "."}`);
}

/** The task's own message, or why the run was aborted. */
export function reasonOf({ error, abortReason }: RunStatus): string | undefined {
  return error?.message ?? abortReason;
}
