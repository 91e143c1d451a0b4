import { Code, ConnectError } from "@connectrpc/connect";
import { FlyteError } from "../../shared/errors.ts";
import { toProblem } from "../problem.ts";

/** The control plane's own error, when an answer of it is what an error comes from. */
function serverError(error: FlyteError): ConnectError | undefined {
  const { cause } = error;
  // What failed on the way has no answer and so no headers.
  return cause instanceof ConnectError && [...cause.metadata.keys()].length > 0 ? cause : undefined;
}

/**
 * What the original tells of an error: the control plane's own message. What did not come from there
 * is told as everywhere else, without internals.
 */
export function failureText(error: unknown, requestId: string): string {
  if (FlyteError.is(error) && serverError(error) !== undefined) return error.message;
  return toProblem(error, requestId).detail;
}

/** What the original tells of an error while it starts a run. */
export function startFailureText(error: unknown, requestId: string): string {
  const text = failureText(error, requestId);
  if (!FlyteError.is(error)) return text;
  if (error.code === "unavailable") {
    return "Flyte system is currently unavailable. check your configuration, or the service status.";
  }
  const code = serverError(error)?.code;
  if (code === Code.AlreadyExists) {
    return "A run with the name 'None' already exists. Please choose a different name.";
  }
  const plain = code === undefined ? error.code === "invalid_input" : code === Code.InvalidArgument;
  return plain ? text : `Failed to create run: ${text}`;
}
