import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { ActionAttempt } from "../../../../src/idl/runs.ts";
import { isEndPhase } from "../../ui/phase.tsx";

/** A phase of an attempt as a part of a bar. Shares are of the whole timeline, 0 to 1. */
export interface PhaseSpan {
  readonly phase: number;
  readonly offset: number;
  readonly share: number;
  readonly durationMs: number;
  /** Whether it goes on. */
  readonly isOpen: boolean;
}

export interface AttemptSpans {
  readonly attempt: number;
  readonly phase: number;
  readonly durationMs: number;
  readonly spans: readonly PhaseSpan[];
  readonly error: ActionAttempt["errorInfo"];
}

export interface Timeline {
  readonly startMs: number;
  readonly durationMs: number;
  readonly attempts: readonly AttemptSpans[];
}

type Given = Pick<
  ActionAttempt,
  "attempt" | "phase" | "startTime" | "endTime" | "errorInfo" | "phaseTransitions"
>;

interface Step {
  readonly phase: number;
  readonly from: number;
  readonly to: number;
  readonly isOpen: boolean;
}

/**
 * Places the phases of all attempts on one axis of time. What a control plane tells may lack times, be out of
 * order or lie in the future of a clock that goes wrong: every share is from 0 to 1 nevertheless.
 *
 * @param now - until when what goes on is drawn, in milliseconds
 */
export function layoutTimeline(given: readonly Given[], now: number): Timeline {
  const attempts = [...given].sort((left, right) => left.attempt - right.attempt);
  const steps = attempts.map((attempt) => toSteps(attempt, now));
  const all = steps.flat();
  const startMs = all.reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
  const endMs = all.reduce((most, { to }) => Math.max(most, to), Number.NEGATIVE_INFINITY);
  const durationMs = all.length === 0 ? 0 : endMs - startMs;
  const share = (ms: number): number => (durationMs === 0 ? 0 : ms / durationMs);
  return {
    startMs: all.length === 0 ? now : startMs,
    durationMs,
    attempts: attempts.map(({ attempt, phase, errorInfo }, index) => {
      const own = steps[index] ?? [];
      return {
        attempt,
        phase,
        error: errorInfo,
        durationMs: (own.at(-1)?.to ?? 0) - (own[0]?.from ?? 0),
        spans: own.map(({ phase: name, from, to, isOpen }) => ({
          phase: name,
          offset: share(from - startMs),
          share: share(to - from),
          durationMs: to - from,
          isOpen,
        })),
      };
    }),
  };
}

/** The phases that take time, each from where the one before it ended. */
function toSteps({ phase, startTime, endTime, phaseTransitions }: Given, now: number): Step[] {
  const begun = phaseTransitions
    .flatMap((transition) => {
      const from = toMs(transition.startTime);
      return from === undefined ? [] : [{ phase: transition.phase, from }];
    })
    .sort((left, right) => left.from - right.from);
  const first = toMs(startTime);
  // An attempt whose phases nobody wrote down is one bar of the phase it has.
  if (begun.length === 0 && first !== undefined) begun.push({ phase, from: first });
  const isEnded = isEndPhase(phase);
  const lastFrom = begun.at(-1)?.from ?? 0;
  const end = Math.max(lastFrom, isEnded ? (toMs(endTime) ?? lastFrom) : now);
  return begun.flatMap(({ phase: name, from }, index) => {
    const next = begun[index + 1]?.from;
    if (isEndPhase(name) && begun.length > 1) return [];
    return [{ phase: name, from, to: next ?? end, isOpen: next === undefined && !isEnded }];
  });
}

function toMs(time: Timestamp | undefined): number | undefined {
  if (time === undefined) return undefined;
  const ms = timestampMs(time);
  return Number.isFinite(ms) ? ms : undefined;
}
