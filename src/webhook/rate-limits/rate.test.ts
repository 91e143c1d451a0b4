import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRate } from "./rate.ts";

const read = (text: string) => parseRate(text, "rateLimits.global");

test.each([
  ["100/min", 100, 60, 100],
  ["1/s", 1, 1, 1],
  ["20/10s", 20, 10, 20],
  ["5/5m", 5, 300, 5],
  ["600/hour,burst=50", 600, 3600, 50],
  ["1000/2h", 1000, 7200, 1000],
  ["1/day", 1, 86_400, 1],
  ["100000/s", 100_000, 1, 100_000],
  ["007/1s", 7, 1, 7],
])("%j is read", (text, count, windowSeconds, burst) => {
  expect(read(text)).toEqual({ count, windowSeconds, burst });
});

test.each([
  "",
  "100",
  "100/",
  "/min",
  "100/m",
  "100/h",
  "100/10",
  "100/10day",
  "100/0s",
  "100/8day",
  "100/604801s",
  "0/min",
  "1/min,burst=0",
  "-1/min",
  "1.5/min",
  "1e3/min",
  "100 / min",
  "100/min ",
  "100/MIN",
  "100/min,burst",
  "100/min, burst=5",
  "100/min,burst=5,burst=6",
  "100001/s",
  "99999999999/day",
  "1/day,burst=8",
  "1/s,burst=1000000001",
  "١/min",
  "100/min\n",
])("%j is refused, by its name and with the remedy", (text) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({
      code: "invalid_config",
      message: expect.stringMatching(/rateLimits\.global .*\. [A-Z].*\.$/),
    }),
  );
});

test.each([undefined, null, 5, ["1/s"], {}])("%j is no rate", (value) => {
  expect(() => parseRate(value as never, "rateLimits.global")).toThrow(/is not a rate/);
});

const unit = fc.constantFrom(
  ["s", 1],
  ["min", 60],
  ["hour", 3600],
  ["day", 86_400],
) as fc.Arbitrary<[string, number]>;

test("what is printed is read back", () => {
  const count = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(
      count,
      unit,
      fc.option(count, { nil: undefined }),
      (many, [name, seconds], burst) => {
        fc.pre((burst ?? many) * seconds <= many * 604_800);
        const text = `${many}/${name}${burst === undefined ? "" : `,burst=${burst}`}`;
        expect(read(text)).toEqual({ count: many, windowSeconds: seconds, burst: burst ?? many });
      },
    ),
  );
});

test("any other text is refused as invalid_config, and nothing else is thrown", () => {
  const near = fc.stringMatching(/^[0-9smhinourday/,=bt]{0,20}$/);
  fc.assert(
    fc.property(fc.oneof(near, fc.string()), (text) => {
      try {
        const { count, windowSeconds, burst } = read(text);
        for (const value of [count, windowSeconds, burst]) expect(value).toBeGreaterThanOrEqual(1);
        expect(text).toMatch(/^\d+\/\d*[a-z]+(,burst=\d+)?$/);
      } catch (error) {
        expect(error).toMatchObject({ code: "invalid_config" });
      }
    }),
    { numRuns: 1000 },
  );
});
