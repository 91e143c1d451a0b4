import type { RunStatus } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import type { Call } from "../call.ts";
import { answerWait, waitFor } from "./answer-wait.ts";
import { waitingTime } from "./waiting-time.ts";

/**
 * Answers with a run that was asked for by name: at once, or at its end where the request waits for that.
 *
 * @param toBody - the answer at once
 * @throws FlyteError what keeps the webhook from following the run
 */
export async function answerFound(
  call: Call,
  run: RunStatus,
  toBody: (run: RunStatus) => JsonObject,
): Promise<Answer> {
  const time = waitingTime(call);
  if (time === undefined) return { body: toBody(run) };
  const waited = await waitFor(call, run, time);
  if (waited.failure !== undefined) throw waited.failure;
  return answerWait(call, time, waited, { name: run.name, url: run.url });
}
