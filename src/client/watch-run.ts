import { RunService } from "../idl/runs.ts";
import type { CallContext } from "./call-context.ts";
import type { RunStatus } from "./control-plane.ts";
import { toRootActionId } from "./read-run.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import type { Session } from "./session.ts";
import { watchStates } from "./watch-states.ts";

/** Every change of a run's state, the current one first, until it has ended. */
export async function* watchRun(
  session: Session,
  asked: AskedRun,
  call: CallContext,
): AsyncGenerator<RunStatus, void, undefined> {
  let seen = "";
  const statuses = watchStates(
    {
      title: `run ${asked.name}`,
      subscribe: (limited) =>
        session.channel.stream(
          RunService.method.watchActionDetails,
          { actionId: toRootActionId(session, asked) },
          limited,
        ),
      read({ details }) {
        const state = toRunStatus(details, asked);
        return { state, isLast: state.done };
      },
    },
    call,
  );
  for await (const status of statuses) {
    const state = JSON.stringify(status);
    if (state !== seen) yield status;
    seen = state;
  }
}
