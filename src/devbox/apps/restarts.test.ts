import fc from "fast-check";
import { expect, test } from "vitest";
import { afterEnd, noFailures, type Restarts } from "./restarts.ts";

function delays(count: number, readyMs: number | undefined): number[] {
  let restarts: Restarts = noFailures;
  return Array.from({ length: count }, () => {
    restarts = afterEnd(restarts, { readyMs, now: 0 });
    return restarts.notBefore;
  });
}

test("a start that ends before it listens is repeated later each time, up to half a minute", () => {
  expect(delays(8, undefined)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test("what had listened is started again at once the first time", () => {
  expect(delays(4, 500)).toEqual([0, 1000, 2000, 4000]);
});

test("ten healthy seconds forgive all, and no number of failures makes a time that is none", () => {
  const failures = fc.nat(5000);
  const readyMs = fc.option(fc.nat(20_000), { nil: undefined });
  fc.assert(
    fc.property(failures, readyMs, fc.nat(), (before, ready, now) => {
      const after = afterEnd({ failures: before, notBefore: 0 }, { readyMs: ready, now });
      if (ready !== undefined && ready >= 10_000) expect(after).toEqual(noFailures);
      else {
        expect(after.failures).toBe(before + 1);
        expect(after.notBefore).toBeGreaterThanOrEqual(now);
        expect(after.notBefore).toBeLessThanOrEqual(now + 30_000);
      }
    }),
  );
});
