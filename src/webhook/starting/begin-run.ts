import type { StartedRun } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { type Call, givenFlag } from "../call.ts";
import {
  callbackMember,
  callbackProblem,
  readCallback,
  withCallback,
} from "../callbacks/register-callback.ts";
import { comparedOptions } from "../idempotency/compared-options.ts";
import { idempotencyKey } from "../idempotency/idempotency-key.ts";
import { markReplayed } from "../idempotency/mark-replayed.ts";
import { nameRun } from "../idempotency/name-run.ts";
import { startOnce } from "../idempotency/start-once.ts";
import type { Problem } from "../problem.ts";
import { answerStarted } from "../waits/answer-started.ts";
import { requestedRunOptions } from "./run-options.ts";
import type { Start } from "./start.ts";

/**
 * Starts a run for a request and answers it: once for each idempotency key, at the end of the run where the
 * request waits, and with what would happen where it asks for a dry run.
 *
 * @param toBody - the answer for a run that was started, as the original has it
 */
export async function beginRun<Run extends StartedRun | undefined = StartedRun>(
  call: Call,
  start: Start<Run>,
  toBody: (run: Run) => JsonObject,
): Promise<Answer> {
  const requested = requestedRunOptions(call, start.options);
  const asked: Start<Run> = {
    ...start,
    options: { ...start.options, ...requested },
    // Made for those who look: only starts that may be repeated are compared.
    get payload() {
      return [start.payload, comparedOptions(requested)];
    },
  };
  const key = idempotencyKey(call);
  if ("problem" in key) return key;
  const callback = readCallback(call);
  if (callback !== undefined && "problem" in callback) return callback;
  if (givenFlag(call, "dry_run")) {
    const named = await nameRun(call, asked, key.key);
    if ("problem" in named) return named;
    return { body: { dry_run: true, ...(await start.plan(named.options)) } };
  }
  const told = callback === undefined ? asked : withCallback(call, callback, asked);
  const starting = startOnce(call, told, key.key);
  const started = await (callback === undefined ? starting : starting.catch(answerUnkept));
  if ("problem" in started) return started;
  const { run } = started;
  const body = callback === undefined ? toBody(run) : { ...toBody(run), ...callbackMember(call) };
  if (run === undefined) return { body };
  const answering = answerStarted(call, run, body);
  const answer = answering instanceof Promise ? await answering : answering;
  return run.existed ? markReplayed(answer) : answer;
}

function answerUnkept(error: unknown): { readonly problem: Problem } {
  const problem = callbackProblem(error);
  if (problem === undefined) throw error;
  return { problem };
}
