import fc from "fast-check";
import { expect, test } from "vitest";
import { PeakWindow } from "./peak-window.ts";

const steps = fc.array(fc.record({ value: fc.nat(6), wait: fc.nat(20), window: fc.nat(30) }), {
  maxLength: 40,
});

/** The highest value that held at any time from `now - window` on. */
function oracle(history: readonly { value: number; from: number }[], now: number, window: number) {
  const held = history.filter((_, index) => {
    const until = history[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return until > now - window;
  });
  return Math.max(0, ...held.map(({ value }) => value));
}

test("the peak is the highest value within the window", () => {
  fc.assert(
    fc.property(steps, fc.nat(30), (changes, windowMs) => {
      const peaks = new PeakWindow();
      const history: { value: number; from: number }[] = [];
      let now = 1000;
      for (const { value, wait } of changes) {
        now += wait;
        peaks.set(value, now);
        history.push({ value, from: now });
        expect(peaks.present).toBe(value);
        expect(peaks.peak(now, windowMs)).toBe(oracle(history, now, windowMs));
      }
    }),
  );
});

test("the peak holds until the time it is said to fall, and falls then", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 30 }), (changes, windowMs) => {
      const peaks = new PeakWindow();
      let now = 0;
      for (const { value, wait } of changes) {
        now += wait;
        peaks.set(value, now);
      }
      let peak = peaks.peak(now, windowMs);
      for (let at = peaks.fallsAt(windowMs); at !== undefined; at = peaks.fallsAt(windowMs)) {
        if (at - 1 > now) expect(peaks.peak(at - 1, windowMs)).toBe(peak);
        const lower = peaks.peak(at, windowMs);
        expect(lower).toBeLessThan(peak);
        peak = lower;
      }
      expect(peak).toBe(peaks.present);
    }),
  );
});
