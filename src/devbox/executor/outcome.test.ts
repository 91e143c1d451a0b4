import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ContainerError_Kind,
  ErrorDocumentSchema,
  ExecutionError_ErrorKind,
} from "../../idl/execution.ts";
import { type ProcessEnd, toResult } from "./outcome.ts";

function document(kind: ContainerError_Kind, origin = ExecutionError_ErrorKind.USER): Uint8Array {
  const error = { code: "ValueError", message: "bad value", kind, origin };
  return toBinary(ErrorDocumentSchema, create(ErrorDocumentSchema, { error }));
}

const exited = (exitCode: number | undefined, signal?: string): ProcessEnd => ({
  kind: "exited",
  exitCode,
  signal,
});

const result = (end: ProcessEnd, errorDocument?: Uint8Array) =>
  toResult({
    end,
    errorDocument,
    stderrTail: "last words",
    podName: "r-a0-0",
    outputsUri: "file:///o",
  });

test("exit 0 without an error document is success", () => {
  expect(result(exited(0))).toEqual({ kind: "succeeded", outputsUri: "file:///o" });
});

test("exit 0 with an error document is the failure it describes, retried only if recoverable", () => {
  const error = { code: "ValueError", message: "bad value", kind: "user" };
  expect(result(exited(0), document(ContainerError_Kind.NON_RECOVERABLE))).toEqual({
    kind: "failed",
    retryable: false,
    error,
  });
  expect(result(exited(0), document(ContainerError_Kind.RECOVERABLE))).toEqual({
    kind: "failed",
    retryable: true,
    error,
  });
});

test("an error document tells whether the system or the user is to blame", () => {
  const system = document(ContainerError_Kind.RECOVERABLE, ExecutionError_ErrorKind.SYSTEM);
  expect(result(exited(0), system)).toMatchObject({ error: { kind: "system" } });
});

test.each([
  [1, undefined, "1"],
  [143, undefined, "143"],
  [undefined, "SIGSEGV", "SIGSEGV"],
])(
  "exit %s, signal %s may be retried and tells the last lines of stderr",
  (code, signal, shown) => {
    expect(result(exited(code, signal))).toEqual({
      kind: "failed",
      retryable: true,
      error: {
        code: "NonZeroExit",
        kind: "user",
        message: `[r-a0-0] terminated with exit code (${shown}). Reason [Error]. Message: last words.`,
      },
    });
  },
);

test("a non-zero exit may be retried whatever the error document says", () => {
  expect(result(exited(1), document(ContainerError_Kind.NON_RECOVERABLE))).toMatchObject({
    retryable: true,
    error: { code: "ValueError" },
  });
});

test.each([exited(137), exited(undefined, "SIGKILL")])("SIGKILL is a system failure", (end) => {
  expect(result(end, document(ContainerError_Kind.NON_RECOVERABLE))).toMatchObject({
    kind: "failed",
    retryable: true,
    error: { code: "Interrupted", kind: "system" },
  });
});

test("a command that is not installed is named", () => {
  const failed = result({ kind: "not_started", errorCode: "ENOENT", command: "a0" });
  expect(failed).toMatchObject({
    retryable: false,
    error: { code: "CommandNotFound", kind: "user", message: expect.stringContaining('"a0"') },
  });
});

test("any bytes in error.pb are a failure and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(result(exited(0), bytes)).toMatchObject({
        kind: "failed",
        error: { kind: expect.any(String) },
      });
    }),
  );
});
