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

/** Converts what services throw, in unary calls and while streaming, and logs the unexpected. */
export function convertErrors(log: DevboxLogger): Interceptor {
  const convert = (error: unknown, method: string): ConnectError => {
    const converted = toConnectError(error);
    if (converted.code === Code.Internal) log.error({ err: error, method }, "call failed");
    return converted;
  };
  return (next) => async (request) => {
    const method = `${request.service.typeName}/${request.method.name}`;
    try {
      const response = await next(request);
      if (!response.stream) return response;
      return { ...response, message: convertStream(response.message, method, convert) };
    } catch (error) {
      throw convert(error, method);
    }
  };
}

async function* convertStream<Item>(
  items: AsyncIterable<Item>,
  method: string,
  convert: (error: unknown, method: string) => ConnectError,
): AsyncIterable<Item> {
  try {
    yield* items;
  } catch (error) {
    throw convert(error, method);
  }
}
