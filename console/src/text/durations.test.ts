import { expect, test } from "vitest";
import { toAge, toDurationText } from "./durations.ts";

test.each([
  [0, "0 ms"],
  [0.4, "0 ms"],
  [840, "840 ms"],
  [999.4, "999 ms"],
  [999.6, "1.0 s"],
  [1_000, "1.0 s"],
  [12_449, "12.4 s"],
  [59_949, "59.9 s"],
  [59_950, "1 min"],
  [60_000, "1 min"],
  [61_000, "1 min 1 s"],
  [200_000, "3 min 20 s"],
  [3_599_499, "59 min 59 s"],
  [3_599_500, "1 h"],
  [3_600_000, "1 h"],
  [5_400_500, "1 h 30 min"],
  [86_399_600, "1 d"],
  [187_200_000, "2 d 4 h"],
  [86_400_000 * 400, "400 d"],
  [-1, "–"],
  [Number.NaN, "–"],
  [Number.POSITIVE_INFINITY, "–"],
])("%d ms is %s", (ms, text) => {
  expect(toDurationText(ms)).toBe(text);
});

test.each([
  [0, "just now"],
  [-999, "just now"],
  [999, "just now"],
  [-1_000, "1 s ago"],
  [-59_999, "59 s ago"],
  [-60_000, "1 min ago"],
  [-3_599_999, "59 min ago"],
  [-3_600_000, "1 h ago"],
  [-86_400_000, "1 d ago"],
  [-86_400_000 * 365 * 3, "1095 d ago"],
  [5_000, "in 5 s"],
  [180_000, "in 3 min"],
  [86_400_000 * 2, "in 2 d"],
  [Number.NaN, "–"],
])("%d ms from now is %s", (distance, text) => {
  expect(toAge(1_700_000_000_000 + distance, 1_700_000_000_000)).toBe(text);
});
