import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { FlyteError, type FlyteErrorCode } from "../../shared/errors.ts";
import type { DevboxLogger } from "./logger.ts";

const codes: Readonly<Record<FlyteErrorCode, Code>> = {
  invalid_input: Code.InvalidArgument,
  invalid_config: Code.FailedPrecondition,
  not_initialized: Code.FailedPrecondition,
  unauthenticated: Code.Unauthenticated,
  permission_denied: Code.PermissionDenied,
  not_found: Code.NotFound,
  conflict: Code.AlreadyExists,
  payload_mismatch: Code.AlreadyExists,
  precondition_failed: Code.FailedPrecondition,
  exhausted: Code.ResourceExhausted,
  unimplemented: Code.Unimplemented,
  unavailable: Code.Unavailable,
  deadline_exceeded: Code.DeadlineExceeded,
  canceled: Code.Canceled,
  run_failed: Code.FailedPrecondition,
  app_failed: Code.FailedPrecondition,
  internal: Code.Internal,
};

/**
 * The answer for whatever a service threw: our errors by their code, Connect errors as they are,
 * anything else `internal` with a message that says nothing of the inside.
 */
export function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  if (FlyteError.is(error) && error.code !== "internal") {
    return new ConnectError(error.message, codes[error.code], undefined, undefined, error);
  }
  if (error instanceof Error && error.name === "AbortError") {
    return new ConnectError("The call was canceled.", Code.Canceled, undefined, undefined, error);
  }
  return new ConnectError(
    "The devbox failed to answer; its log says why.",
    Code.Internal,
    undefined,
    undefined,
    error,
  );
}

/** Converts what a method threw, and logs the unexpected. */
export type ConvertError = (error: unknown, method: DescMethod) => ConnectError;

/** The conversion of {@link toConnectError} with a log. */
export function createErrorConverter(log: DevboxLogger): ConvertError {
  return (error, { parent, name }) => {
    const converted = toConnectError(error);
    if (converted.code === Code.Internal) {
      log.error({ err: error, method: `${parent.typeName}/${name}` }, "call failed");
    }
    return converted;
  };
}

/** Converts what services throw, in unary calls and while streaming. */
export function convertErrors(log: DevboxLogger): Interceptor {
  const convert = createErrorConverter(log);
  return (next) => async (request) => {
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: convertStream(response.message, request.method, convert) };
    } catch (error) {
      throw convert(error, request.method);
    }
  };
}

async function* convertStream<Item>(
  items: AsyncIterable<Item>,
  method: DescMethod,
  convert: ConvertError,
): AsyncIterable<Item> {
  try {
    yield* items;
  } catch (error) {
    throw convert(error, method);
  }
}
