import fc from "fast-check";
import { expect, test } from "vitest";
import { RowHeights } from "./row-heights.ts";

type Step =
  | { readonly kind: "resize"; readonly count: number }
  | { readonly kind: "set"; readonly index: number; readonly height: number }
  | { readonly kind: "drop"; readonly count: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("resize" as const), count: fc.nat(3_000) }),
    fc.record({
      kind: fc.constant("set" as const),
      index: fc.nat(2_999),
      height: fc.integer({ min: 1, max: 500 }),
    }),
    fc.record({ kind: fc.constant("drop" as const), count: fc.nat(50) }),
  ),
  { maxLength: 60 },
);

test("rows are where a plain list of heights has them", () => {
  fc.assert(
    fc.property(steps, fc.nat(100_000), (all, offset) => {
      const heights = new RowHeights(20);
      const plain = all.reduce<number[]>((rows, step) => play(heights, rows, step), []);
      let top = 0;
      let found = 0;
      for (const [index, height] of plain.entries()) {
        if (index % 97 === 0) expect(heights.offsetOf(index)).toBe(top);
        if (top <= offset) found = index;
        top += height;
      }
      expect(heights.offsetOf(plain.length)).toBe(top);
      expect(heights.indexAt(offset)).toBe(found);
    }),
  );
});

/** Does the same to both, and returns the plain list. */
function play(heights: RowHeights, plain: number[], step: Step): number[] {
  if (step.kind === "resize") {
    heights.resize(step.count);
    return Array.from({ length: step.count }, (_, at) => plain[at] ?? 20);
  }
  if (step.kind === "drop") {
    const dropped = plain.slice(0, step.count).reduce((sum, height) => sum + height, 0);
    expect(heights.dropFirst(step.count)).toBe(dropped);
    return plain.slice(step.count);
  }
  const before = plain[step.index];
  if (before === undefined) return plain;
  expect(heights.set(step.index, step.height)).toBe(step.height - before);
  return plain.with(step.index, step.height);
}

test("before the first row and without any is the first", () => {
  const heights = new RowHeights(20);
  expect(heights.indexAt(5)).toBe(0);
  heights.resize(3);
  expect(heights.indexAt(-100)).toBe(0);
  expect(heights.indexAt(1_000)).toBe(2);
});
