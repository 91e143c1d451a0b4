import fc from "fast-check";
import { expect, test } from "vitest";
import { RequestRate } from "./request-rate.ts";

test("the rate is the mean of the ten seconds that end with the present one", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4000), { maxLength: 60 }), (waits) => {
      const rate = new RequestRate();
      const times: number[] = [];
      let now = 5_000_000;
      for (const wait of waits) {
        now += wait;
        rate.count(now);
        times.push(now);
        const second = Math.floor(now / 1000);
        const counted = times.filter((time) => Math.floor(time / 1000) > second - 10);
        expect(rate.perSecond(now)).toBe(counted.length / 10);
      }
    }),
  );
});

test("the rate falls to nothing by itself, at the times it says", () => {
  const rate = new RequestRate();
  for (let count = 0; count < 30; count++) rate.count(1_000_500);
  expect(rate.perSecond(1_000_500)).toBe(3);
  const times: number[] = [];
  let now = 1_000_500;
  for (let at = rate.changesAt(now); at !== undefined; at = rate.changesAt(now)) {
    times.push(at);
    now = at;
  }
  expect(times).toHaveLength(10);
  expect(rate.perSecond(now)).toBe(0);
});
