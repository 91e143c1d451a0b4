import { create, toBinary } from "@bufbuild/protobuf";
import {
  ContainerError_Kind,
  ErrorDocumentSchema,
  ExecutionError_ErrorKind,
} from "../../idl/execution.ts";

/**
 * The contents of `error.pb` (`core.ErrorDocument`) for whatever a task has thrown. It may be
 * retried unless the error says `retryable: false`.
 */
export function toErrorDocument(thrown: unknown): Uint8Array {
  const retryable = !(isObject(thrown) && thrown["retryable"] === false);
  const error = {
    code: codeOf(thrown),
    message: messageOf(thrown),
    kind: retryable ? ContainerError_Kind.RECOVERABLE : ContainerError_Kind.NON_RECOVERABLE,
    origin: ExecutionError_ErrorKind.USER,
  };
  return toBinary(ErrorDocumentSchema, create(ErrorDocumentSchema, { error }));
}

function codeOf(thrown: unknown): string {
  if (!isObject(thrown)) return "Error";
  const { code, name } = thrown;
  if (typeof code === "string" && code !== "") return code;
  return typeof name === "string" && name !== "" ? name : "Error";
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error))
    return typeof thrown === "string" ? thrown : "A value that is no Error was thrown.";
  const origin = originOf(thrown.stack);
  return origin === undefined ? thrown.message : `${thrown.message} (${origin})`;
}

/** Function, file and line that threw, without the folders of the machine. */
function originOf(stack: string | undefined): string | undefined {
  const frame = stack?.split("\n").find((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  if (frame === undefined || frame.includes("node:internal")) return undefined;
  const place = /([^/\\(\s]+:\d+):\d+\)?$/.exec(frame)?.[1];
  const name = /^\s+at (?:async )?([^\s(/]+) \(/.exec(frame)?.[1];
  if (place === undefined) return undefined;
  return name === undefined ? `at ${place}` : `at ${name}, ${place}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
