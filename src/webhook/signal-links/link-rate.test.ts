import { expect, test } from "vitest";
import { LinkRate } from "./link-rate.ts";

test("a link is used so often a minute, whatever others do", () => {
  let now = 1;
  const rate = new LinkRate(() => now);
  const uses = (id: string) => Array.from({ length: 40 }, () => rate.take(id)).filter(Boolean);
  expect(uses("one")).toHaveLength(30);
  expect(uses("two")).toHaveLength(30);
  now += 59_000;
  expect(uses("one")).toHaveLength(0);
  now += 2_000;
  expect(uses("one")).toHaveLength(30);
});

test("the minute begins with the first use, and not anew with each", () => {
  let now = 1;
  const rate = new LinkRate(() => now);
  for (let use = 0; use < 29; use++) {
    now += 2_000;
    expect(rate.take("one")).toBe(true);
  }
  now += 3_000;
  expect(rate.take("one")).toBe(true);
});
