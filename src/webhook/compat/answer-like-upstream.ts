import type { FastifyRequest } from "fastify";
import { FlyteError } from "../../shared/errors.ts";
import type { Answer, Route } from "../answer-request.ts";
import type { Call } from "../call.ts";
import { hidesRuns } from "../guard.ts";
import { keyHeader } from "../idempotency/idempotency-key.ts";
import { logFailure } from "../log-error.ts";
import { type Problem, toProblem } from "../problem.ts";
import { type ProblemCode, problemKinds } from "../problem-codes.ts";
import { failureText, startFailureText } from "./failure-text.ts";
import { answerFailure } from "./failures.ts";
import type { FailedCall } from "./watch-failures.ts";

/** Refusals of ours that the original words alike, or does not know. */
const refusals: ReadonlySet<ProblemCode> = new Set([
  "self_reference",
  "not_allowlisted",
  "payload_too_large",
  "unsupported_media_type",
  "payload_mismatch",
  "overloaded",
]);

/** Absent runs and those that may not be seen must read the same, whatever the control plane says. */
function isHiddenRun(call: Call, { code }: Problem): boolean {
  return code === "not_found" && hidesRuns(call);
}

function isLostStart(error: unknown): boolean {
  return FlyteError.is(error) && error.outcomeUnknown;
}

function describe(problem: Problem, failed: FailedCall | undefined, requestId: string): string {
  if (failed === undefined) return problem.detail;
  const { name, error } = failed;
  return name === "runs.start" ? startFailureText(error, requestId) : failureText(error, requestId);
}

/**
 * Does the work of an endpoint, and answers its failures with the original's status and words.
 *
 * @param lastFailure - the call to the control plane that failed last
 */
export async function answerLikeUpstream(
  route: Route,
  call: Call,
  request: FastifyRequest,
  lastFailure: () => FailedCall | undefined,
): Promise<Answer> {
  const fail = (problem: Problem, failed: FailedCall | undefined): Answer => {
    if (refusals.has(problem.code) || problem.upstream !== undefined) return { problem };
    const text = isHiddenRun(call, problem) ? "not found" : describe(problem, failed, request.id);
    const during = failed?.name;
    const upstream = answerFailure({ call, code: problem.code, during, text });
    return { problem: { ...problem, upstream } };
  };
  let answer: Answer;
  try {
    answer = await route(call);
  } catch (error) {
    const problem = toProblem(error, request.id);
    logFailure(call.options.logger, request, error, problem.code);
    // The original has no keys: whoever sends one is told what to do with it.
    if (isLostStart(error) && call.header(keyHeader) !== undefined) {
      const { status } = problemKinds[problem.code];
      return { problem: { ...problem, upstream: { status, detail: problem.detail } } };
    }
    const last = lastFailure();
    const during = last !== undefined && last.error === error ? last.name : "";
    return fail(problem, { name: during, error });
  }
  if (!("problem" in answer)) return answer;
  const last = lastFailure();
  const { code } = answer.problem;
  const explains = last !== undefined && toProblem(last.error, request.id).code === code;
  return fail(answer.problem, explains ? last : undefined);
}
