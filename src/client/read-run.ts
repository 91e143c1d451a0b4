import { type RunDetails, RunService } from "../idl/runs.ts";
import type { CallContext } from "./call-context.ts";
import type { RunRef, RunStatus } from "./control-plane.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import { type Session, toIdentifier, toRunId, toScope } from "./session.ts";

/** The name of the action every run starts with. */
export const rootAction = "a0";

/** A run by name, with the project and domain it is looked for in. */
export function toAskedRun(session: Session, run: RunRef): AskedRun {
  const scope = toScope(session, run);
  // Looser than the rule for new names: a server may hold runs that were named under another.
  const name = toIdentifier("action name", run.name);
  return { ...scope, name, consoleUrl: session.options.consoleUrl };
}

/** @throws FlyteError `not_found` when there is no such run */
export async function readRunDetails(
  session: Session,
  run: AskedRun,
  call: CallContext,
): Promise<RunDetails | undefined> {
  const input = { runId: toRunId(session, run, run.name) };
  const { details } = await session.channel.unary(RunService.method.getRunDetails, input, call);
  return details;
}

/** @throws FlyteError `not_found` when there is no such run */
export async function readRunStatus(
  session: Session,
  run: AskedRun,
  call: CallContext,
): Promise<RunStatus> {
  return toRunStatus((await readRunDetails(session, run, call))?.action, run);
}

/** The root action of a run as a `flyteidl2.common.ActionIdentifier`. */
export function toRootActionId(
  session: Session,
  run: AskedRun,
): { run: ReturnType<typeof toRunId>; name: string } {
  return { run: toRunId(session, run, run.name), name: rootAction };
}
