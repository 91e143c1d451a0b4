import fc from "fast-check";
import { expect, test } from "vitest";
import { readRateWords, toRateWords } from "../webhook/rate-limits/rate-words.ts";
import { limitOptions, toRateLimits, withRedis } from "./limit-options.ts";

const rate = fc.constantFrom("100/min", "5/10s,burst=2", "1/day");

test("limits are read out of the words that say them", () => {
  const limits = fc.record(
    {
      perCredential: rate,
      perAddress: rate,
      global: rate,
      perRoute: fc.dictionary(fc.constantFrom("run_task", "me", "hook:github"), rate, {
        minKeys: 1,
      }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(limits, (given) => {
      expect(readRateWords(toRateWords(given) ?? [])).toEqual(given);
    }),
  );
});

test("secrets are not said in words", () => {
  const redis = { url: "redis://:secret@host", keySecret: "k".repeat(32) };
  expect(toRateWords({ global: "1/s", redis })).toBeUndefined();
});

test.each([
  ["often", /is not NAME=RATE/],
  ["=1/s", /is not NAME=RATE/],
  ["credential=often", /"often" in credential is not a rate/],
  ["global=2/s", /The limit global is there twice/],
])("--rate-limit %s is refused", (word, message) => {
  const option = limitOptions().find(({ long }) => long === "--rate-limit");
  const parse = option?.parseArg as (word: string, all: readonly string[]) => unknown;
  expect(() => parse(word, ["global=1/s"])).toThrow(message);
});

test("the environment names the Redis, and needs a key for it", () => {
  const rateLimits = toRateLimits({ rateLimit: ["global=1/s"] });
  const settings = rateLimits && { rateLimits };
  const env = { FLYTE_WEBHOOK_REDIS_URL: "rediss://h", FLYTE_WEBHOOK_REDIS_KEY: "k".repeat(32) };
  expect(withRedis(settings ?? {}, env)).toEqual({
    rateLimits: { global: "1/s", redis: { url: "rediss://h", keySecret: "k".repeat(32) } },
  });
  expect(withRedis({}, env)).toEqual({});
  expect(withRedis(settings ?? {}, {})).toEqual({});
  expect(() => withRedis(settings ?? {}, { ...env, FLYTE_WEBHOOK_REDIS_KEY: "" })).toThrow(
    /needs FLYTE_WEBHOOK_REDIS_KEY/,
  );
});
