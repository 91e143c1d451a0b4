import type { RunStatus } from "../../client/control-plane.ts";
import { reasonOf, runFailed } from "../../client/run-failed.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call } from "../call.ts";
import { type Problem, toProblem } from "../problem.ts";
import { runLocation } from "./run-location.ts";
import type { WaitingTime } from "./waiting-time.ts";
import type { WaitEnd, Waited } from "./waits.ts";

/** When to ask again, in seconds: who waited may go on waiting, others find no room yet. */
const retryAfter: Readonly<Partial<Record<WaitEnd, number>>> = { time: 1 };
const laterSeconds = 5;

/** Waits for a run within the time of the request. Meanwhile its slot is there for others. */
export async function waitFor(call: Call, run: RunStatus, { ms }: WaitingTime): Promise<Waited> {
  const { auth, options, signal, slot } = call;
  slot.giveBack();
  const waited = await options.waits.untilEnd({ run, auth, ms, signal });
  // What follows asks the control plane then.
  if (waited.end === "run") await slot.takeAgain();
  return waited;
}

/**
 * Answers a request that has waited: 200 with the outputs of a run that succeeded, 424 with the error of one that did
 * not, 202 where the run goes on.
 *
 * @param body - what the endpoint tells of the run without waiting
 */
export async function answerWait(
  call: Call,
  { applied, seconds }: WaitingTime,
  { run, end }: Waited,
  body: JsonObject,
): Promise<Answer> {
  const preference = applied === undefined ? {} : { "preference-applied": applied };
  const { phase } = run;
  if (!run.done) {
    const location = runLocation(call, run);
    const headers = {
      ...preference,
      "retry-after": String(retryAfter[end] ?? laterSeconds),
      ...(location !== undefined && { location }),
    };
    return { status: 202, headers, body: { ...body, phase, done: false, wait: seconds } };
  }
  if (phase !== "succeeded" && phase !== "recovered") {
    return { problem: { ...toFailure(await withReason(call, run)), headers: preference } };
  }
  const outputs = await readOutputs(call, run);
  return { headers: preference, body: { ...body, phase, done: true, ...outputs } };
}

/** What a run gave. It has ended well all the same where that cannot be read. */
async function readOutputs(call: Call, run: RunStatus): Promise<JsonObject> {
  try {
    return { outputs: await call.options.waits.outputs.read({ run, auth: call.auth }) };
  } catch (error) {
    return { outputs: null, outputs_error: toProblem(error, call.requestId).detail };
  }
}

/** The state with the reason of its end, which the answer to a start leaves out. */
async function withReason(call: Call, run: RunStatus): Promise<RunStatus> {
  if (reasonOf(run) !== undefined) return run;
  const { project, domain, name } = run;
  try {
    return await call.options.controlPlane.runs.get({ project, domain, name }, acting(call));
  } catch {
    return run; // how it ended is known
  }
}

function toFailure(run: RunStatus): Problem {
  const { name, url, phase } = run;
  const error = reasonOf(run);
  return {
    code: "run_failed",
    detail: runFailed(run).message,
    members: { name, url, phase, done: true, ...(error !== undefined && { error }) },
  };
}
