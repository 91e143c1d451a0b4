/** The state of a run or action: `flyteidl2.common.ActionPhase` in lower case. */
export type Phase =
  | "queued"
  | "waiting_for_resources"
  | "initializing"
  | "running"
  | "succeeded"
  | "failed"
  | "aborted"
  | "timed_out"
  | "paused"
  | "recovered";

/** Every phase, in the order of their numbers in `flyteidl2.common.ActionPhase`, RECOVERED (10) of newer IDLs included. */
export const phases: readonly Phase[] = [
  "queued",
  "waiting_for_resources",
  "initializing",
  "running",
  "succeeded",
  "failed",
  "aborted",
  "timed_out",
  "paused",
  "recovered",
];

/** At the index of its number. */
const byNumber: readonly (Phase | undefined)[] = [undefined, ...phases];

/** The name of a phase number; undefined for `ACTION_PHASE_UNSPECIFIED` and for unknown numbers. */
export function toPhase(phase: number): Phase | undefined {
  return byNumber[phase];
}

/** The number of a phase in `flyteidl2.common.ActionPhase`. */
export function fromPhase(phase: Phase): number {
  return byNumber.indexOf(phase);
}

const terminal: ReadonlySet<Phase> = new Set<Phase>([
  "succeeded",
  "failed",
  "aborted",
  "timed_out",
  "recovered",
]);

/** Whether nothing can follow this phase. A paused action is not at its end. */
export function isTerminal(phase: Phase): boolean {
  return terminal.has(phase);
}
