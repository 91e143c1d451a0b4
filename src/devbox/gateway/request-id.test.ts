import { expect, test } from "vitest";
import { readRequestId } from "./request-id.ts";

const made = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test.each(["a", "3f0e1c8a-5a0e-4f9f", "A_b.9", "x".repeat(128)])("%s is taken over", (id) => {
  expect(readRequestId({ headers: { "x-request-id": id } })).toBe(id);
});

test.each([undefined, "", "a b", "a, b", "é", "a\nb", "x".repeat(129)])("%j is not", (id) => {
  const headers = id === undefined ? {} : { "x-request-id": id };
  expect(readRequestId({ headers })).toMatch(made);
});
