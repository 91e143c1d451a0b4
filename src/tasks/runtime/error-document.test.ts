import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ContainerError_Kind, ErrorDocumentSchema } from "../../idl/execution.ts";
import { NonRecoverableError, UserError } from "../task-errors.ts";
import { toErrorDocument } from "./error-document.ts";

const read = (thrown: unknown) => fromBinary(ErrorDocumentSchema, toErrorDocument(thrown)).error;

test("an error may be retried unless it says otherwise", () => {
  const { RECOVERABLE, NON_RECOVERABLE } = ContainerError_Kind;
  expect(read(new Error("x"))?.kind).toBe(RECOVERABLE);
  expect(read(new UserError("x"))?.kind).toBe(RECOVERABLE);
  expect(read(new UserError("x", { retryable: false }))?.kind).toBe(NON_RECOVERABLE);
  expect(read(new NonRecoverableError("x"))?.kind).toBe(NON_RECOVERABLE);
});

test("the code is the error's own, else its name", () => {
  expect(read(new RangeError("x"))?.code).toBe("RangeError");
  expect(read(new UserError("x", { code: "NoDisk" }))?.code).toBe("NoDisk");
  expect(read(new NonRecoverableError("x"))?.code).toBe("NonRecoverableError");
  expect(read("just text")).toMatchObject({ code: "Error", message: "just text" });
});

test("the message tells the place without the folders of the machine", () => {
  const error = new Error("broken");
  error.stack = "Error: broken\n    at fit (/home/me/secret/src/fit.ts:12:3)\n    at x (y:1:1)";
  expect(read(error)?.message).toBe("broken (at fit, fit.ts:12)");
});

test("whatever is thrown becomes a document with a code and a message", () => {
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      expect(read(thrown)?.code).not.toBe("");
      expect(typeof read(thrown)?.message).toBe("string");
    }),
  );
});
