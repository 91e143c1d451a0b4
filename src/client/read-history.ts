import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { ActionAttempt, ActionDetails } from "../idl/runs.ts";
import { isTerminal, toPhase } from "../values/phases.ts";
import type { RunStatus } from "./control-plane.ts";
import type { RunHistory, RunTransition } from "./run-history.ts";
import { type AskedRun, toRunStatus } from "./run-status.ts";

/** A history, and whether the control plane has told of it all that it ever will. */
export interface ToldHistory extends RunHistory {
  readonly isSettled: boolean;
}

type Entered = Omit<RunTransition, "id">;

/**
 * The history of a run from the details of its root action.
 *
 * Control planes keep the state and the attempts apart and write them at different times: what the state
 * says and the attempts do not yet, the first phase and the last one, is added.
 */
export function toRunHistory(details: ActionDetails | undefined, asked: AskedRun): ToldHistory {
  const run = toRunStatus(details, asked);
  const attempts = [...(details?.attempts ?? [])].sort(
    (left, right) => left.attempt - right.attempt,
  );
  const told = attempts.flatMap(toEntered);
  const first = told[0];
  const isBegun = first?.attempt === 1 && first.phase === "queued";
  const start: Entered = {
    attempt: 1,
    phase: "queued",
    time: run.startedAt,
    error: undefined,
  };
  const begun = isBegun ? told : [start, ...told.filter((entered) => !isSame(entered, start))];
  // Without attempts the state is all there is.
  const present = attempts.length === 0 && !run.done ? [...begun, ...toPresent(run)] : begun;
  const last = told.at(-1);
  const isSettled = run.done && (run.phase === "aborted" || isEndOf(run, last));
  return { run, isSettled, transitions: named(run.done ? withEnd(present, run) : present) };
}

function isSame(left: Entered, right: Entered): boolean {
  return left.attempt === right.attempt && left.phase === right.phase;
}

function isEndOf({ attempts }: RunStatus, last: Entered | undefined): boolean {
  return last !== undefined && last.attempt >= attempts && isTerminal(last.phase);
}

function toPresent({ phase }: RunStatus): readonly Entered[] {
  return phase === "queued" ? [] : [{ attempt: 1, phase, time: undefined, error: undefined }];
}

function withEnd(entered: readonly Entered[], run: RunStatus): readonly Entered[] {
  const last = entered.at(-1);
  const attempt = Math.max(1, run.attempts, last?.attempt ?? 0);
  if (last?.phase === run.phase && last.attempt === attempt) return entered;
  const { phase, endedAt: time, error } = run;
  return [...entered, { attempt, phase, time, error: error?.message }];
}

function toEntered(told: ActionAttempt): readonly Entered[] {
  const { attempt: number, errorInfo, phaseTransitions, startTime } = told;
  const attempt = Math.max(1, number);
  const transitions =
    phaseTransitions.length > 0 ? phaseTransitions : [{ phase: told.phase, startTime }];
  return transitions.flatMap((transition): readonly Entered[] => {
    const phase = toPhase(transition.phase);
    if (phase === undefined) return []; // newer than this version
    const error = isTerminal(phase) ? errorInfo?.message : undefined;
    return [{ attempt, phase, time: toDate(transition.startTime), error }];
  });
}

function named(entered: readonly Entered[]): readonly RunTransition[] {
  const times = new Map<string, number>();
  return entered.map((each) => {
    const name = `${each.attempt}.${each.phase}`;
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return { id: time === 1 ? name : `${name}.${time}`, ...each };
  });
}

function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : timestampDate(timestamp);
}
