import { expect, test } from "vitest";
import { toShownLine } from "./shown-line.ts";

const textOf = (message: string, isWhole = false, max = 100): string =>
  toShownLine(message, isWhole, max)
    .spans.map(({ text }) => text)
    .join("");

test("a progress bar shows where it got to, and all of it when asked", () => {
  const bar = " 0%|  |\r50%|█ |\r100%|██|\r";
  expect(textOf(bar)).toBe("100%|██|");
  expect(toShownLine(bar, false, 100).overwritten).toBe(2);
  expect(textOf(bar, true)).toBe(" 0%|  |\n50%|█ |\n100%|██|");
});

test("a carriage return at an end overwrites nothing", () => {
  expect(textOf("done\r")).toBe("done");
  expect(toShownLine("done\r", false, 100).overwritten).toBe(0);
  expect(textOf("\r\r")).toBe("");
});

test("a long line is cut, and how much is said", () => {
  const { cut } = toShownLine("x".repeat(1_000_000), false, 2_000);
  expect(cut).toBe(998_000);
  expect(textOf("x".repeat(150))).toHaveLength(100);
  expect(textOf(`${"x".repeat(99)}👩`)).toBe("x".repeat(99));
});
