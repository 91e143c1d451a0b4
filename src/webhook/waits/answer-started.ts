import type { StartedRun } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import type { Call } from "../call.ts";

/** Answers with a run that was started: at once, or at its end where the request waits for that. */
export async function answerStarted(
  _call: Call,
  _run: StartedRun,
  body: JsonObject,
): Promise<Answer> {
  return { body };
}
