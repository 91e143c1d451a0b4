import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { isCanceled, isUnreachable, toWords } from "./error-words.ts";

test("a call that nobody answers is told from a defect of the page", () => {
  const failed = ConnectError.from(new TypeError("Failed to fetch"));
  expect(isUnreachable(failed)).toBe(true);
  expect(toWords(failed)).toMatchObject({ title: "The devbox does not answer", mayPass: true });
  const defect = new TypeError("x is undefined");
  expect(isUnreachable(defect)).toBe(false);
  expect(toWords(defect)).toEqual({
    title: "The page has a defect",
    detail: "TypeError: x is undefined\nPlease report it in these words, with what you did.",
    mayPass: false,
  });
});

test.each([new ReferenceError("y"), new RangeError("z")])("%s is a defect of the page", (error) => {
  expect(toWords(error)).toMatchObject({ title: "The page has a defect", mayPass: false });
});

test.each([
  [Code.Unavailable, "The devbox does not answer", true],
  [Code.Unauthenticated, "You are not signed in", false],
  [Code.Internal, "That did not work", true],
])("an answer of the code %d is told in the devbox's words", (code, title, mayPass) => {
  const detail = "Why it is so.";
  expect(toWords(new ConnectError(detail, code))).toEqual({ title, detail, mayPass });
});

test("what the page ended itself is no error", () => {
  expect(isCanceled(ConnectError.from(new DOMException("aborted", "AbortError")))).toBe(true);
  expect(isCanceled(new DOMException("aborted", "AbortError"))).toBe(true);
  expect(isCanceled(new DOMException("late", "TimeoutError"))).toBe(false);
});
