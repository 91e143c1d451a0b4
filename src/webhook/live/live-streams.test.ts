import { expect, test } from "vitest";
import { LiveStreams } from "./live-streams.ts";

test("one caller has at most half of the streams, and a place is given back once", () => {
  const streams = new LiveStreams(4);
  const [first, second] = [streams.enter("a"), streams.enter("a")];
  expect([first, second]).not.toContain(undefined);
  expect(streams.enter("a")).toBeUndefined();
  expect(streams.enter("b")).toBeDefined();
  for (let times = 0; times < 3; times++) first?.[Symbol.dispose]();
  expect(streams.count).toBe(2);
  expect(streams.enter("a")).toBeDefined();
  expect(streams.enter("a")).toBeUndefined();
  expect(streams.enter("c")).toBeDefined();
  expect(streams.enter("d")).toBeUndefined();
  expect(streams.count).toBe(4);
});
