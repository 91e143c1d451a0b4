import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyteError } from "../../shared/errors.ts";
import { toConnectError } from "./rpc-errors.ts";

test.each([
  ["invalid_input", Code.InvalidArgument],
  ["not_found", Code.NotFound],
  ["conflict", Code.AlreadyExists],
  ["permission_denied", Code.PermissionDenied],
  ["unauthenticated", Code.Unauthenticated],
  ["precondition_failed", Code.FailedPrecondition],
  ["unavailable", Code.Unavailable],
  ["unimplemented", Code.Unimplemented],
] as const)("our error %s keeps its message", (code, expected) => {
  expect(toConnectError(new FlyteError(code, "what to do"))).toMatchObject({
    code: expected,
    rawMessage: "what to do",
  });
});

test("a Connect error stays as it is", () => {
  const error = new ConnectError("as it is", Code.DataLoss);
  expect(toConnectError(error)).toBe(error);
});

test("anything unexpected is internal, kept as the cause, and never shown", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 12 }), (secret) => {
      for (const thrown of [
        new Error(secret),
        new FlyteError("internal", secret),
        new TypeError(secret),
        secret,
        { message: secret },
      ]) {
        const error = toConnectError(thrown);
        expect(error.code).toBe(Code.Internal);
        expect(error.cause).toBe(thrown);
        expect(error.message).not.toContain(secret);
      }
    }),
  );
});

test("an aborted wait is a canceled call", () => {
  expect(toConnectError(AbortSignal.abort().reason).code).toBe(Code.Canceled);
});
