import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { type ActionAttemptSchema, ActionDetailsSchema, ErrorInfo_Kind } from "../idl/runs.ts";
import { fromPhase, type Phase } from "../values/phases.ts";
import { toRunHistory } from "./read-history.ts";

const asked = { project: "p", domain: "d", name: "r", consoleUrl: "https://x" };

type Attempt = readonly [number: number, phases: readonly (Phase | number)[], error?: string];

function historyOf(phase: Phase, attempts: readonly Attempt[], count = attempts.length || 1) {
  const details = create(ActionDetailsSchema, {
    status: { phase: fromPhase(phase), attempts: count, startTime: timestampFromMs(1) },
    attempts: attempts.map(([attempt, phases, error]) => toAttempt(attempt, phases, error)),
  });
  const { transitions, isSettled } = toRunHistory(details, asked);
  return { ids: transitions.map(({ id }) => id), transitions, isSettled };
}

function toAttempt(
  attempt: number,
  phases: readonly (Phase | number)[],
  message: string | undefined,
): MessageInitShape<typeof ActionAttemptSchema> {
  return {
    attempt,
    phaseTransitions: phases.map((phase, index) => ({
      phase: typeof phase === "number" ? phase : fromPhase(phase),
      startTime: timestampFromMs(10 * attempt + index),
    })),
    ...(message !== undefined && { errorInfo: { message, kind: ErrorInfo_Kind.USER } }),
  };
}

test("a history has every phase of every attempt, by attempts, with what made them fail", () => {
  const { ids, transitions, isSettled } = historyOf("succeeded", [
    [2, ["queued", "running", "succeeded"]],
    [1, ["queued", "initializing", "running", "failed"], "too hot"],
  ]);
  expect(ids).toEqual([
    ...["1.queued", "1.initializing", "1.running", "1.failed"],
    ...["2.queued", "2.running", "2.succeeded"],
  ]);
  expect(transitions.map(({ error }) => error).filter(Boolean)).toEqual(["too hot"]);
  expect(transitions[2]).toMatchObject({ attempt: 1, phase: "running", time: new Date(12) });
  expect(isSettled).toBe(true);
});

test("a run that no attempt has begun for is queued, and the same when the attempt tells it", () => {
  expect(historyOf("queued", []).ids).toEqual(["1.queued"]);
  expect(historyOf("queued", [[1, ["queued"]]]).ids).toEqual(["1.queued"]);
  expect(historyOf("running", [[1, ["initializing", "running"]]]).ids).toEqual([
    ...["1.queued", "1.initializing", "1.running"],
  ]);
  expect(historyOf("queued", []).transitions[0]?.time).toEqual(new Date(1));
});

test("where attempts are not told at all, the state is", () => {
  expect(historyOf("running", []).ids).toEqual(["1.queued", "1.running"]);
  expect(historyOf("succeeded", []).ids).toEqual(["1.queued", "1.succeeded"]);
});

test("an end that the attempts do not tell yet is added, and is not settled but for an abort", () => {
  const open = historyOf("failed", [[1, ["queued", "running"]]]);
  expect(open).toMatchObject({ ids: ["1.queued", "1.running", "1.failed"], isSettled: false });
  const next = historyOf("failed", [[1, ["queued", "failed"]]], 2);
  expect(next).toMatchObject({ ids: ["1.queued", "1.failed", "2.failed"], isSettled: false });
  const aborted = historyOf("aborted", [[1, ["queued", "running"]]]);
  expect(aborted).toMatchObject({ ids: ["1.queued", "1.running", "1.aborted"], isSettled: true });
});

test("a phase entered twice has a name for each time, and one that is newer than us none", () => {
  expect(historyOf("running", [[1, ["queued", "running", "paused", "running"]]]).ids).toEqual([
    ...["1.queued", "1.running", "1.paused", "1.running.2"],
  ]);
  expect(historyOf("running", [[1, ["queued", 99, 0, "running"]]]).ids).toEqual([
    ...["1.queued", "1.running"],
  ]);
});

test("an attempt that tells no transitions tells its phase", () => {
  const details = create(ActionDetailsSchema, {
    status: { phase: 4, attempts: 1 },
    attempts: [{ attempt: 1, phase: 4 }],
  });
  const { transitions } = toRunHistory(details, asked);
  expect(transitions.map(({ id }) => id)).toEqual(["1.queued", "1.running"]);
});
