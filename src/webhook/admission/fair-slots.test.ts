import { expect, test } from "vitest";
import { Slots } from "./slots.ts";

test("who has half of the slots comes after those who have less, and has all when nobody else waits", () => {
  const slots = new Slots({ most: 4, mostWaiting: 20, longestMs: 60_000 });
  const began: string[] = [];
  const begin = (who: string): void => {
    if (slots.tryTake(who)) began.push(who);
    else slots.enter(who, () => began.push(who));
  };
  for (let count = 0; count < 10; count++) begin("greedy");
  expect(began.splice(0)).toEqual(["greedy", "greedy", "greedy", "greedy"]);
  for (const who of ["b", "c", "b"]) begin(who);
  slots.giveBack("greedy"); // three are left
  slots.giveBack("greedy"); // two are left
  expect(began.splice(0)).toEqual(["b", "c"]);
  slots.giveBack("greedy"); // less than half
  expect(began.splice(0)).toEqual(["greedy"]);
  slots.giveBack("c");
  expect(began.splice(0)).toEqual(["b"]);
  for (const who of ["b", "b"]) slots.giveBack(who);
  expect(began.splice(0)).toEqual(["greedy", "greedy"]);
  expect(slots.counts).toMatchObject({ inUse: 4, waiting: 3 });
});

test("one caller fills at most half of the queue", () => {
  const slots = new Slots({ most: 1, mostWaiting: 6, longestMs: 60_000 });
  slots.tryTake("one");
  const enter = (who: string) => slots.enter(who, () => undefined) !== undefined;
  expect([1, 2, 3, 4].map(() => enter("greedy"))).toEqual([true, true, true, false]);
  expect([1, 2, 3].map((other) => enter(`other ${other}`))).toEqual([true, true, true]);
  expect(enter("late")).toBe(false);
  expect(slots.counts.refused).toEqual({ full: 1, late: 0, share: 1 });
});
