import { expect, test } from "vitest";
import { createLiveLines } from "./live-lines.ts";

const line = (message: string) => ({ time: new Date(0), stream: "stdout" as const, message });
const { signal } = new AbortController();

test("a follower gets the lines from where it began, with their places, then the end", async () => {
  const lines = createLiveLines();
  lines.begin(7, 1);
  lines.push(7, line("before"));
  using follower = lines.follow(7, 1);
  lines.push(7, line("a"));
  lines.push(7, line("b"));
  expect(await follower?.next(signal)).toEqual({
    firstIndex: 1,
    lines: [line("a"), line("b")],
    isEnded: false,
  });
  const waiting = follower?.next(signal);
  lines.end(7);
  expect(await waiting).toMatchObject({ lines: [], isEnded: true });
  expect(lines.follow(7, 1)).toBeUndefined();
});

test("only the running attempt can be followed, and an abort ends the wait", async () => {
  const lines = createLiveLines();
  lines.begin(7, 2);
  expect(lines.follow(7, 1)).toBeUndefined();
  expect(lines.follow(8, 2)).toBeUndefined();
  using follower = lines.follow(7, 2);
  const stop = new AbortController();
  const waiting = follower?.next(stop.signal);
  stop.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
});

test("a follower that is too slow sees a gap, never more lines than fit", async () => {
  const lines = createLiveLines();
  lines.begin(7, 1);
  using follower = lines.follow(7, 1);
  for (let count = 0; count < 12_000; count += 1) lines.push(7, line(String(count)));
  const batch = await follower?.next(signal);
  expect(batch?.firstIndex).toBe(10_000);
  expect(batch?.lines.map(({ message }) => message).slice(0, 1)).toEqual(["10000"]);
  expect(batch?.lines).toHaveLength(2_000);
});
