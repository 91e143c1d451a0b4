import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import { toFlyteError } from "./errors.ts";

test.each([
  [Code.Canceled, "canceled"],
  [Code.Unknown, "internal"],
  [Code.InvalidArgument, "invalid_input"],
  [Code.DeadlineExceeded, "deadline_exceeded"],
  [Code.NotFound, "not_found"],
  [Code.AlreadyExists, "conflict"],
  [Code.PermissionDenied, "permission_denied"],
  [Code.ResourceExhausted, "exhausted"],
  [Code.FailedPrecondition, "precondition_failed"],
  [Code.Aborted, "conflict"],
  [Code.OutOfRange, "invalid_input"],
  [Code.Unimplemented, "unimplemented"],
  [Code.Internal, "internal"],
  [Code.Unavailable, "unavailable"],
  [Code.DataLoss, "internal"],
  [Code.Unauthenticated, "unauthenticated"],
])("Connect code %i becomes %s and keeps the bare message", (code, expected) => {
  const error = toFlyteError(new ConnectError("run r1 is\u001b[2J odd\u202e", code));
  expect(error).toMatchObject({ code: expected, message: "run r1 is [2J odd" });
});

test("the wait a server asks for is kept", () => {
  const error = new ConnectError("x", Code.Unavailable, { "retry-after": "2" });
  expect(toFlyteError(error).retryAfterMs).toBe(2_000);
});

test("our own errors pass, also from inside", () => {
  const inner = new FlyteError("conflict", "mine");
  expect(toFlyteError(inner)).toBe(inner);
  expect(toFlyteError(new ConnectError("x", Code.Unknown, {}, [], inner))).toBe(inner);
});

test("a signal that timed out is a deadline, any other a cancellation", async () => {
  const timeout = AbortSignal.timeout(0);
  await new Promise((resolve) => timeout.addEventListener("abort", resolve));
  const canceled = new ConnectError("x", Code.Canceled, {}, [], timeout.reason);
  expect(toFlyteError(canceled).code).toBe("deadline_exceeded");
  expect(toFlyteError(new ConnectError("x", Code.Canceled)).code).toBe("canceled");
  expect(toFlyteError(AbortSignal.abort().reason).code).toBe("canceled");
});

test("anything else is internal and says nothing of itself", () => {
  for (const thrown of [new TypeError("secret"), "secret", null, undefined, 7]) {
    const error = toFlyteError(thrown);
    expect(error.code).toBe("internal");
    expect(error.message).not.toContain("secret");
  }
});
