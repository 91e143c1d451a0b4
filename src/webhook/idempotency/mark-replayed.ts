import type { Answer } from "../answer-request.ts";

/** Says of an answer that it started nothing: it is about a run that an earlier request has started. */
export const replayedHeader = "idempotency-replayed";

/** The answer with {@link replayedHeader}. */
export function markReplayed(answer: Answer): Answer {
  const mark = { [replayedHeader]: "true" };
  if ("stream" in answer) return answer;
  if ("body" in answer) return { ...answer, headers: { ...answer.headers, ...mark } };
  const { problem } = answer;
  return { problem: { ...problem, headers: { ...problem.headers, ...mark } } };
}
