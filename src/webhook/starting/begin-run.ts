import type { StartedRun } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { type Call, givenFlag } from "../call.ts";
import { registerCallback } from "../callbacks/register-callback.ts";
import { idempotencyKey } from "../idempotency/idempotency-key.ts";
import { startOnce } from "../idempotency/start-once.ts";
import { answerStarted } from "../waits/answer-started.ts";
import { answerPlan } from "./answer-plan.ts";
import { requestedRunOptions } from "./run-options.ts";
import type { Start } from "./start.ts";

/**
 * Starts a run for a request and answers it: once for each idempotency key, at the end of the run where the
 * request waits, and with what would happen where it asks for a dry run.
 *
 * @param toBody - the answer for a run that was started, as the original has it
 */
export async function beginRun(
  call: Call,
  start: Start,
  toBody: (run: StartedRun) => JsonObject,
): Promise<Answer> {
  const options = { ...start.options, ...requestedRunOptions(call, start.options) };
  if (givenFlag(call, "dry_run")) return answerPlan(call, await start.plan(options));
  const key = idempotencyKey(call);
  if (typeof key === "object") return { problem: key };
  const started = await startOnce(call, { ...start, options }, key);
  if ("problem" in started) return started;
  await registerCallback(call, started.run);
  return answerStarted(call, started.run, toBody(started.run));
}
