import fc from "fast-check";
import { expect, test } from "vitest";
import { parseItems } from "../../../test/support/structured-fields.ts";
import { standingOf, ticksPerSecond, toPace } from "./gcra.ts";
import { limitHeaders } from "./limit-headers.ts";
import type { Policy } from "./limits-store.ts";
import { parseRate } from "./rate.ts";

function policyOf(text: string, name: string, isShared = false): Policy {
  const rate = parseRate(text, "test");
  return { name, rate, pace: toPace(rate), isShared };
}

const own = policyOf("100/min", "credential");
const route = policyOf("10/s,burst=20", "route:run_task", true);

/** The headers of a request after which so many requests are not yet forgotten. */
function headersOf(used: readonly (readonly [policy: Policy, requests: number])[]) {
  const standings = used.map(([{ pace }, requests]) => standingOf(requests * pace.interval, pace));
  const isAllowed = standings.every(({ isOver }) => !isOver);
  const charges = used.map(([policy]) => ({ policy, key: "" }));
  return limitHeaders(charges, { isAllowed, standings });
}

test("a caller is told its own limit, as the draft's examples look", () => {
  expect(headersOf([[own, 50]])).toEqual({
    "ratelimit-policy": '"credential";q=100;w=60',
    ratelimit: '"credential";r=50;t=30',
  });
});

test("a limit that all share is told only to who breaks it, and then alone", () => {
  const { ratelimit, ...policies } = headersOf([
    [own, 1],
    [route, 20],
  ]) as Record<string, string>;
  expect(ratelimit).toBe('"credential";r=99;t=60');
  expect(policies).toEqual({ "ratelimit-policy": '"credential";q=100;w=60' });
  expect(
    headersOf([
      [own, 1],
      [route, 21],
    ]),
  ).toEqual({
    "ratelimit-policy": '"credential";q=100;w=60, "route:run_task";q=10;w=1;flyte-burst=20',
    ratelimit: '"route:run_task";r=0;t=1',
  });
  expect(headersOf([[route, 1]])).toEqual({});
});

test("headers are structured fields, and never promise more than the rate", () => {
  const rate = fc.constantFrom("1/s", "7/min", "100000/s", "2/day", "600/hour,burst=50", "3/2m");
  const name = fc.constantFrom("credential", "address", "hook:github", "route:run_task");
  fc.assert(
    fc.property(rate, name, fc.nat(200), (text, called, requests) => {
      const policy = policyOf(text, called);
      const { count, windowSeconds, burst } = policy.rate;
      const headers = headersOf([[policy, requests + 1]]) as Record<string, string>;
      const [said] = parseItems(headers["ratelimit-policy"] ?? "");
      expect(said?.value).toBe(called);
      expect(said?.parameters).toMatchObject({ q: count, w: windowSeconds });
      const [stands] = parseItems(headers["ratelimit"] ?? "");
      const { r, t } = (stands?.parameters ?? {}) as { r: number; t: number };
      expect(stands?.value).toBe(called);
      expect(r).toBe(Math.max(0, burst - requests - 1));
      expect(Number.isInteger(t) && t >= 1).toBe(true);
      expect(r / t).toBeLessThanOrEqual(count / windowSeconds);
      const waits = Math.max(0, requests + 1 - burst) * policy.pace.interval;
      if (r === 0) expect(t).toBeGreaterThanOrEqual(waits / ticksPerSecond);
    }),
  );
});
