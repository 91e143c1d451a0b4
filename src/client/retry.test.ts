import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import { readRetryAfterMs } from "./errors.ts";
import { isTransient, toBackoffMs } from "./retry.ts";

test("only passing failures are worth another try", () => {
  const transient = Object.values(Code).filter(
    (code) => typeof code === "number" && isTransient(new ConnectError("x", code)),
  );
  expect(transient).toEqual([Code.ResourceExhausted, Code.Internal, Code.Unavailable]);
  const cause = new FlyteError("unavailable", "no trust");
  expect(isTransient(new ConnectError("x", Code.Unavailable, {}, [], cause))).toBe(false);
  expect(isTransient(new Error("x"))).toBe(false);
});

test("waits double from half a second to ten, give or take half", () => {
  expect([0, 1, 2, 3, 4, 5, 60].map((retry) => toBackoffMs(retry, 0.5))).toEqual([
    500, 1000, 2000, 4000, 8000, 10_000, 10_000,
  ]);
  expect(toBackoffMs(0, 0)).toBe(250);
});

test("a server's Retry-After is kept to, in seconds or as a date", () => {
  const error = new ConnectError("x", Code.Unavailable, { "retry-after": "30" });
  expect(toBackoffMs(0, 0.5, error)).toBe(30_000);
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(readRetryAfterMs("Thu, 01 Jan 2026 00:00:09 GMT", now)).toBe(9_000);
  expect(readRetryAfterMs("Wed, 31 Dec 2025 00:00:00 GMT", now)).toBe(0);
});

test("no Retry-After text gives anything but a whole wait or none", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const waitMs = readRetryAfterMs(text, 0);
      expect(waitMs === undefined || (Number.isFinite(waitMs) && waitMs >= 0)).toBe(true);
    }),
  );
});
