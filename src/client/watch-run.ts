import { type ActionDetails, RunService } from "../idl/runs.ts";
import { type CallContext, pause } from "./call-context.ts";
import type { RunStatus } from "./control-plane.ts";
import { type ToldHistory, toRunHistory } from "./read-history.ts";
import { readRunDetails, toRootActionId } from "./read-run.ts";
import type { RunHistory } from "./run-history.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";
import type { Session } from "./session.ts";
import { type Told, watchStates } from "./watch-states.ts";

/** Control planes may tell the end of a run before that of its last attempt, and why it failed. */
const settleMs = 1_000;

/** Every change of a run's state, the current one first, until it has ended. */
export async function* watchRun(
  session: Session,
  asked: AskedRun,
  call: CallContext,
): AsyncGenerator<RunStatus, void, undefined> {
  yield* changesOf(
    watchDetails(session, asked, call, (details) => {
      const state = toRunStatus(details, asked);
      return { state, isLast: state.done };
    }),
  );
}

/** Every change of a run's history, the current one first, until it has ended. */
export async function* watchRunHistory(
  session: Session,
  asked: AskedRun,
  call: CallContext,
): AsyncGenerator<RunHistory, void, undefined> {
  const histories = watchDetails(session, asked, call, (details) => {
    const state = toRunHistory(details, asked);
    return { state, isLast: state.run.done };
  });
  for await (const history of changesOf(histories)) {
    yield toHistory(isOpenEnd(history) ? await readSettled(session, asked, call) : history);
  }
}

function isOpenEnd({ run, isSettled }: ToldHistory): boolean {
  return run.done && !isSettled;
}

async function readSettled(
  session: Session,
  asked: AskedRun,
  call: CallContext,
): Promise<ToldHistory> {
  await pause(call, settleMs);
  return toRunHistory((await readRunDetails(session, asked, call))?.action, asked);
}

function toHistory({ run, transitions }: ToldHistory): RunHistory {
  return { run, transitions };
}

function watchDetails<State>(
  session: Session,
  asked: AskedRun,
  call: CallContext,
  read: (details: ActionDetails | undefined) => Told<State>,
): AsyncIterable<State> {
  return watchStates(
    {
      title: `run ${asked.name}`,
      subscribe: (limited) =>
        session.channel.stream(
          RunService.method.watchActionDetails,
          { actionId: toRootActionId(session, asked) },
          limited,
        ),
      read: ({ details }) => read(details),
    },
    call,
  );
}

/** Leaves out what was told just before. */
async function* changesOf<State>(
  states: AsyncIterable<State>,
): AsyncGenerator<State, void, undefined> {
  let seen = "";
  for await (const state of states) {
    const text = JSON.stringify(state);
    if (text !== seen) yield state;
    seen = text;
  }
}
