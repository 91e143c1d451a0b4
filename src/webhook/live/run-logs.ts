import { setTimeout as delay } from "node:timers/promises";
import type { CallOptions, ControlPlane, RunRef, RunStatus } from "../../client/control-plane.ts";
import { toBackoffMs } from "../../client/retry.ts";
import type { LogLine } from "../../client/run-calls.ts";
import { FlyteError } from "../../shared/errors.ts";
import { endId, type LiveEvent } from "./live-event.ts";
import { restart } from "./run-events.ts";

/** Which lines a reader asks for. */
export interface LogReading {
  readonly runs: Pick<ControlPlane["runs"], "get" | "logs">;
  readonly ref: RunRef;
  /** The state of the run when it was asked for. */
  readonly run: RunStatus;
  /** That attempt alone; otherwise the last one and those that follow it. */
  readonly attempt: number | undefined;
  readonly follow: boolean;
  /** The last line that the reader has. */
  readonly after: string | undefined;
  readonly options: CallOptions & { readonly signal: AbortSignal };
}

/** A place in the log of a run: an attempt, and how many of its lines come before. */
interface LogPlace {
  readonly attempt: number;
  readonly lines: number;
}

const triesForEnd = 4;
const longestPauseMs = 2_000;

/**
 * The lines of a run's log, each with its place in the log of its attempt, and the end. Nothing is kept between
 * readers: to go on, the log is read anew and what the reader has is passed over.
 *
 * @throws FlyteError what keeps the log from being read. Where the control plane cannot be reached it is tried again, as
 * long as each try brings a line
 */
export async function* runLogs(reading: LogReading): AsyncGenerator<LiveEvent, void, undefined> {
  const { run, follow } = reading;
  const known = toPlace(reading);
  if (known === undefined && reading.after !== undefined) yield restart;
  let place = known ?? { attempt: reading.attempt ?? Math.max(1, run.attempts), lines: 0 };
  for (;;) {
    place = yield* readAttempt(reading, place);
    const now = follow ? await untilOver(reading, place) : await readRun(reading);
    if (follow && !isOver(now, place.attempt)) continue;
    if (!follow || reading.attempt !== undefined || now.attempts <= place.attempt) {
      yield toEnd(reading, now, place);
      return;
    }
    place = { attempt: place.attempt + 1, lines: 0 };
  }
}

/** Where a reader goes on; undefined for one that begins, and for an identifier that is none of this log. */
function toPlace({ after, attempt, run }: LogReading): LogPlace | undefined {
  const [, first, second] = /^([1-9]\d{0,5})\.([1-9]\d{0,14})$/.exec(after ?? "") ?? [];
  const place = { attempt: Number(first), lines: Number(second) };
  if (first === undefined || place.attempt > Math.max(1, run.attempts)) return undefined;
  return attempt === undefined || attempt === place.attempt ? place : undefined;
}

/** The lines of one attempt from a place on, through interruptions. Returns the place at its end. */
async function* readAttempt(
  reading: LogReading,
  { attempt, lines: from }: LogPlace,
): AsyncGenerator<LiveEvent, LogPlace, undefined> {
  let sent = from;
  for (;;) {
    let at = 0;
    let isFurther = false;
    try {
      const { runs, ref, follow, options } = reading;
      for await (const line of runs.logs(ref, { ...options, attempt, follow })) {
        at += 1;
        if (at <= sent) continue;
        sent = at;
        isFurther = true;
        yield toEvent({ attempt, lines: at }, line);
      }
    } catch (error) {
      const isPassing = FlyteError.is(error) && error.code === "unavailable";
      if (!isPassing || !isFurther) throw error;
      await pause(reading, 0);
      continue;
    }
    if (at >= sent) return { attempt, lines: sent };
    // Shorter than what the reader has, so its place was none of this log.
    yield restart;
    sent = 0;
  }
}

function isOver(run: RunStatus, attempt: number): boolean {
  return run.done || run.attempts > attempt;
}

/** Waits a little for an attempt to be over, whose log has ended. If it is not then, its log had not. */
async function untilOver(reading: LogReading, { attempt }: LogPlace): Promise<RunStatus> {
  for (let tries = 0; ; tries += 1) {
    const run = await readRun(reading);
    if (isOver(run, attempt)) return run;
    await pause(reading, tries);
    if (tries >= triesForEnd) return run;
  }
}

function readRun({ runs, ref, options }: LogReading): Promise<RunStatus> {
  return runs.get(ref, options);
}

async function pause({ options }: LogReading, tries: number): Promise<void> {
  const ms = Math.min(longestPauseMs, toBackoffMs(tries, Math.random()) / 5);
  await delay(ms, undefined, { signal: options.signal });
}

function toEvent({ attempt, lines }: LogPlace, { message, time }: LogLine): LiveEvent {
  return {
    id: `${attempt}.${lines}`,
    event: "line",
    data: { message, time: time === undefined ? null : time.toISOString(), attempt },
  };
}

/** Whether no line can follow, of one attempt or of all. */
export function isLogOver(run: RunStatus, attempt: number | undefined): boolean {
  return run.done || (attempt !== undefined && isOver(run, attempt));
}

/** Has an identifier only where nothing can follow, so that a reader that comes back gets the rest. */
function toEnd({ attempt }: LogReading, run: RunStatus, place: LogPlace): LiveEvent {
  const { name, phase, done, error } = run;
  return {
    ...(isLogOver(run, attempt) && { id: endId }),
    event: "end",
    data: {
      name,
      attempt: place.attempt,
      lines: place.lines,
      phase,
      done,
      ...(error !== undefined && { error: error.message }),
    },
  };
}
