import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ActionAttemptSchema } from "../../../../src/idl/runs.ts";
import { fromPhase } from "../../../../src/values/phases.ts";
import { layoutTimeline } from "./timeline-layout.ts";

const queued = fromPhase("queued");
const running = fromPhase("running");
const failed = fromPhase("failed");
const succeeded = fromPhase("succeeded");

const attemptOf = (attempt: number, steps: readonly (readonly [phase: number, ms: number])[]) =>
  create(ActionAttemptSchema, {
    attempt,
    phase: steps.at(-1)?.[0] ?? 0,
    phaseTransitions: steps.map(([phase, ms]) => ({ phase, startTime: timestampFromMs(ms) })),
    ...(steps.at(-1)?.[0] === failed || steps.at(-1)?.[0] === succeeded
      ? { endTime: timestampFromMs(steps.at(-1)?.[1] ?? 0) }
      : {}),
  });

test("attempts stand one after the other on one axis", () => {
  const first = attemptOf(1, [
    [queued, 1_000],
    [running, 1_100],
    [failed, 1_500],
  ]);
  const second = attemptOf(2, [
    [queued, 1_500],
    [running, 1_600],
  ]);
  const { startMs, durationMs, attempts } = layoutTimeline([second, first], 2_000);
  expect({ startMs, durationMs }).toEqual({ startMs: 1_000, durationMs: 1_000 });
  expect(attempts.map(({ attempt, durationMs }) => [attempt, durationMs])).toEqual([
    [1, 500],
    [2, 500],
  ]);
  expect(attempts.flatMap(({ spans }) => spans)).toEqual([
    { phase: queued, offset: 0, share: 0.1, durationMs: 100, isOpen: false },
    { phase: running, offset: 0.1, share: 0.4, durationMs: 400, isOpen: false },
    { phase: queued, offset: 0.5, share: 0.1, durationMs: 100, isOpen: false },
    { phase: running, offset: 0.6, share: 0.4, durationMs: 400, isOpen: true },
  ]);
});

test("an attempt whose phases are not told is one bar, and one without times none", () => {
  const plain = create(ActionAttemptSchema, {
    attempt: 1,
    phase: succeeded,
    startTime: timestampFromMs(100),
    endTime: timestampFromMs(350),
  });
  expect(layoutTimeline([plain], 1_000).attempts[0]?.spans).toEqual([
    { phase: succeeded, offset: 0, share: 1, durationMs: 250, isOpen: false },
  ]);
  const empty = create(ActionAttemptSchema, { attempt: 1, phase: queued });
  expect(layoutTimeline([empty], 1_000)).toMatchObject({
    durationMs: 0,
    attempts: [{ spans: [] }],
  });
  expect(layoutTimeline([], 1_000)).toEqual({ startMs: 1_000, durationMs: 0, attempts: [] });
});

const time = fc.integer({ min: -10_000, max: 10_000 });
const anyAttempt = fc
  .record({
    attempt: fc.nat(5),
    phase: fc.nat(12),
    start: fc.option(time),
    end: fc.option(time),
    steps: fc.array(fc.tuple(fc.nat(12), fc.option(time)), { maxLength: 6 }),
  })
  .map(({ attempt, phase, start, end, steps }) =>
    create(ActionAttemptSchema, {
      attempt,
      phase,
      ...(start !== null && { startTime: timestampFromMs(start) }),
      ...(end !== null && { endTime: timestampFromMs(end) }),
      phaseTransitions: steps.map(([phase, ms]) => ({
        phase,
        ...(ms !== null && { startTime: timestampFromMs(ms) }),
      })),
    }),
  );

test("whatever the times are, every bar lies within the axis and after the one before it", () => {
  fc.assert(
    fc.property(fc.array(anyAttempt, { maxLength: 6 }), time, (given, now) => {
      const { durationMs, attempts } = layoutTimeline(given, now);
      expect(durationMs).toBeGreaterThanOrEqual(0);
      expect(attempts).toHaveLength(given.length);
      for (const { spans, durationMs: whole } of attempts) {
        let at = 0;
        let total = 0;
        for (const { offset, share, durationMs: part } of spans) {
          expect(offset).toBeGreaterThanOrEqual(at - 1e-9);
          expect(share).toBeGreaterThanOrEqual(0);
          expect(offset + share).toBeLessThanOrEqual(1 + 1e-9);
          at = offset + share;
          total += part;
        }
        expect(total).toBeLessThanOrEqual(whole);
        expect(spans.filter(({ isOpen }) => isOpen).length).toBeLessThanOrEqual(1);
      }
    }),
  );
});
