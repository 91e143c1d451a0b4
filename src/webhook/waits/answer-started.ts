import type { StartedRun } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import type { Call } from "../call.ts";
import { answerWait, waitFor } from "./answer-wait.ts";
import { type WaitingTime, waitingTime } from "./waiting-time.ts";

/** Answers with a run that was started: at once, or at its end where the request waits for that. */
export function answerStarted(
  call: Call,
  run: StartedRun,
  body: JsonObject,
): Answer | Promise<Answer> {
  const time = waitingTime(call);
  return time === undefined ? { body } : answerEnd(call, run, body, time);
}

async function answerEnd(
  call: Call,
  run: StartedRun,
  body: JsonObject,
  time: WaitingTime,
): Promise<Answer> {
  // What keeps the webhook from following the run is no failure of the start: that stands, and is answered.
  return answerWait(call, time, await waitFor(call, run, time), body);
}
