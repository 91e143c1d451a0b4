import type { StartedRun } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import type { Call } from "../call.ts";
import { answerWait, waitFor } from "./answer-wait.ts";
import { waitingTime } from "./waiting-time.ts";

/** Answers with a run that was started: at once, or at its end where the request waits for that. */
export async function answerStarted(
  call: Call,
  run: StartedRun,
  body: JsonObject,
): Promise<Answer> {
  const time = waitingTime(call);
  if (time === undefined) return { body };
  // What keeps the webhook from following the run is no failure of the start: that stands, and is answered.
  return answerWait(call, time, await waitFor(call, run, time), body);
}
