import { type Fault, FlyteError, type FlyteErrorCode } from "../../shared/errors.ts";
import { codeOf, type Problem, toProblem } from "../problem.ts";

/** When a provider may send again what could not be started, in seconds. */
export const sendAgainAfter: Readonly<Record<string, string>> = { "retry-after": "5" };

/** Faults of who runs the hook. The sender is told which, as people read it in the provider's pages, and not more. */
const ofOperator: Readonly<Partial<Record<FlyteErrorCode, (task: string) => string>>> = {
  unauthenticated: () => "The control plane did not accept the credential of this hook.",
  permission_denied: (task) => `The credential of this hook may not start ${task}.`,
  not_found: (task) => `The control plane has no ${task}.`,
};

/** What is answered when an event should have started a task and could not. Texts of others are not passed on. */
export function startProblem(error: unknown, task: string, requestId: string): Problem {
  const code = codeOf(error);
  switch (code) {
    case "invalid_input":
      return {
        code: "invalid_request",
        detail: `The inputs that this hook made of the event do not fit ${task}.`,
        faults: FlyteError.is(error) ? error.faults.map(withoutValue) : [],
      };
    case "canceled":
      return {
        code: "unavailable",
        detail: "The run was not started. Send the delivery again.",
        headers: sendAgainAfter,
      };
    case "deadline_exceeded":
    case "control_plane_failed":
      return { ...toProblem(error, requestId), headers: sendAgainAfter };
    case "unavailable":
    case "exhausted":
    case "payload_mismatch":
      return toProblem(error, requestId);
    default: {
      const told = ofOperator[code as FlyteErrorCode]?.(task) ?? "Something went wrong here.";
      return { code: "internal", detail: `${told} Quote request id ${requestId}.` };
    }
  }
}

/** What of a fault says what the task expects: the values are those of the payload, or of who wrote the mapping. */
function withoutValue({ path, message }: Fault): Fault {
  const [, expected] = /^(expected .*?), got /s.exec(message) ?? [];
  const telling = /^(?:required|unknown input)\b/.test(message) ? message : expected;
  return { path, message: telling ?? "does not fit the type that the task declares" };
}
