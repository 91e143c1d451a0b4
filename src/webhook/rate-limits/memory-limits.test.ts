import fc from "fast-check";
import { expect, test } from "vitest";
import { Buckets } from "./buckets.ts";
import { ticksPerSecond, toPace } from "./gcra.ts";
import type { Charge, Policy } from "./limits-store.ts";
import { MemoryLimits } from "./memory-limits.ts";
import { parseRate } from "./rate.ts";

function policyOf(text: string, name = "credential"): Policy {
  const rate = parseRate(text, "test");
  return { name, rate, pace: toPace(rate), isShared: false };
}

/** A bucket of tokens that fills up bit by bit, in exact fractions. */
class Bucket {
  readonly #capacity: bigint;
  readonly #interval: bigint;
  #level: bigint;
  #at = 0n;

  /** A token is as many parts as ticks pass until there is one more. */
  constructor(burst: number, interval: number) {
    this.#interval = BigInt(interval);
    this.#capacity = BigInt(burst) * this.#interval;
    this.#level = this.#capacity;
  }

  /** Fills what has come back since, and tells how many tokens there are. */
  look(now: bigint): bigint {
    this.#level += now - this.#at;
    if (this.#level > this.#capacity) this.#level = this.#capacity;
    this.#at = now;
    return this.#level / this.#interval;
  }

  take(): void {
    this.#level -= this.#interval;
  }

  /** Until there is one. */
  get missing(): bigint {
    return this.#interval - this.#level;
  }
}

const rates = fc.constantFrom(
  "1/s",
  "3/s",
  "7/min",
  "100/min",
  "20/10s,burst=3",
  "2/hour",
  "5/s,burst=9",
);
const requests = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 900 }), key: fc.nat(2) }),
  {
    maxLength: 80,
  },
);

test("one limit decides as a bucket of tokens does", () => {
  fc.assert(
    fc.property(rates, requests, (text, all) => {
      let now = 0;
      const policy = policyOf(text);
      const limits = new MemoryLimits({ now: () => now });
      const buckets = [0, 1, 2].map(() => new Bucket(policy.rate.burst, policy.pace.interval));
      for (const { afterMs, key } of all) {
        now += afterMs;
        const bucket = buckets[key];
        const there = bucket?.look(BigInt(now * (ticksPerSecond / 1000))) ?? 0n;
        const { isAllowed, standings } = limits.decide([{ policy, key: `${key}` }]);
        expect(isAllowed).toBe(there > 0n);
        if (isAllowed) bucket?.take();
        expect(standings[0]?.left).toBe(isAllowed ? Number(there) - 1 : 0);
        if (!isAllowed) expect(standings[0]?.ticks).toBe(Number(bucket?.missing));
      }
    }),
    { numRuns: 300 },
  );
});

test("of several limits one that is broken takes nothing out of the others", () => {
  const both = fc.tuple(rates, rates);
  fc.assert(
    fc.property(both, requests, ([own, shared], all) => {
      let now = 0;
      const policies = [policyOf(own), policyOf(shared, "global")] as const;
      const limits = new MemoryLimits({ now: () => now });
      const bucketOf = ({ rate, pace }: Policy) => new Bucket(rate.burst, pace.interval);
      const owns = [0, 1, 2].map(() => bucketOf(policies[0]));
      const one = bucketOf(policies[1]);
      for (const { afterMs, key } of all) {
        now += afterMs;
        const used = [owns[key] ?? one, one];
        const there = used.map((bucket) => bucket.look(BigInt(now * (ticksPerSecond / 1000))) > 0n);
        const charges: Charge[] = [
          { policy: policies[0], key: `${key}` },
          { policy: policies[1], key: "" },
        ];
        const { isAllowed, standings } = limits.decide(charges);
        expect(standings.map(({ isOver }) => !isOver)).toEqual(there);
        expect(isAllowed).toBe(!there.includes(false));
        if (isAllowed) for (const bucket of used) bucket.take();
      }
    }),
    { numRuns: 300 },
  );
});

test("no more come in any time than a burst and what comes back in it", () => {
  fc.assert(
    fc.property(rates, requests, (text, all) => {
      let now = 0;
      const policy = policyOf(text);
      const limits = new MemoryLimits({ now: () => now });
      const times = all.flatMap(({ afterMs }) => {
        now += afterMs;
        return limits.decide([{ policy, key: "one" }]).isAllowed ? [now] : [];
      });
      const { count, windowSeconds, burst } = policy.rate;
      for (const [first, from] of times.entries()) {
        for (const [last, to] of times.entries()) {
          if (last < first) continue;
          const most = burst + ((to - from) * count) / (windowSeconds * 1000);
          expect(last - first + 1).toBeLessThanOrEqual(most + 1e-9);
        }
      }
    }),
  );
});

test("a client that waits as long as it is told gets in, and not a moment sooner", () => {
  let now = 0;
  const policy = policyOf("7/min");
  const limits = new MemoryLimits({ now: () => now });
  const ask = () => limits.decide([{ policy, key: "one" }]);
  for (let request = 0; request < 7; request++) expect(ask().isAllowed).toBe(true);
  const { isAllowed, standings } = ask();
  expect(isAllowed).toBe(false);
  const ms = (standings[0]?.ticks ?? 0) / (ticksPerSecond / 1000);
  now = ms - 0.001;
  expect(ask().isAllowed).toBe(false);
  now = ms;
  expect(ask().isAllowed).toBe(true);
});

test("keys without end take bounded memory, and who uses much is not forgotten for them", () => {
  let now = 0;
  const policy = policyOf("10/min");
  const limits = new MemoryLimits({ now: () => now, mostKeys: 1000 });
  const ask = (key: string) => limits.decide([{ policy, key }]).isAllowed;
  for (let request = 0; request < 10; request++) expect(ask("greedy")).toBe(true);
  let most = 0;
  for (let key = 0; key < 50_000; key++) {
    now += 0.01;
    ask(`made up ${key}`);
    most = Math.max(most, limits.size);
  }
  expect(most).toBe(1000);
  expect(ask("greedy")).toBe(false);
});

test("memory comes back when full buckets are passed", () => {
  const buckets = new Buckets(1000);
  for (let key = 0; key < 1000; key++) buckets.set(`old ${key}`, 10, 0);
  for (let key = 0; key < 150; key++) buckets.set(`new ${key}`, 100, 50);
  expect(buckets.size).toBe(150);
});

test("a clock that was set back keeps nobody out for long", () => {
  let now = 1_000_000;
  const policy = policyOf("2/min");
  const limits = new MemoryLimits({ now: () => now });
  const ask = () => limits.decide([{ policy, key: "one" }]).isAllowed;
  expect([ask(), ask(), ask()]).toEqual([true, true, false]);
  now = 0;
  expect([ask(), ask(), ask()]).toEqual([true, true, false]);
});
