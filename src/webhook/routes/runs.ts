import type { RunIo, RunStatus } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";
import { acting, type Call, givenText, reading, runRef } from "../call.ts";
import { absentRun, findRun, guardRun } from "../guard.ts";
import { answerFound } from "../waits/answer-found.ts";

/** Turns "there is no such run" into the answer that runs which may not be seen get as well. */
async function onRun(call: Call, act: () => Promise<Answer>): Promise<Answer> {
  try {
    return await act();
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "not_found") throw error;
    return { problem: absentRun(call) };
  }
}

/**
 * Acts on a run that is there and may be seen. What is not found after that is something else, and says
 * so itself.
 */
export async function onFoundRun(
  call: Call,
  act: (run: RunStatus) => Promise<Answer>,
): Promise<Answer> {
  let found: RunStatus | undefined;
  const looked = await onRun(call, async () => {
    found = await findRun(call);
    return { problem: absentRun(call) };
  });
  return found === undefined ? looked : act(found);
}

/** Reads the state of a run. */
export async function getRun(call: Call): Promise<Answer> {
  return onRun(call, async () => {
    const run = await findRun(call);
    if (run === undefined) return { problem: absentRun(call) };
    return answerFound(call, run, ({ name, phase, url, done }) => {
      return { name, phase, url, done, ...errorOf(call, run) };
    });
  });
}

/** Why a run failed, which the original does not tell. */
function errorOf(call: Call, { error }: RunStatus): { readonly error?: string } {
  return error === undefined || call.options.compat === "upstream" ? {} : { error: error.message };
}

/** Reads the inputs and outputs of a run. */
export function getRunIo(call: Call): Promise<Answer> {
  return readIo(call, ({ status, inputs, outputs }) => ({ name: status.name, inputs, outputs }));
}

/**
 * Reads the inputs, outputs and state of a run that may be seen, and answers what `toBody` makes of them, with the
 * reason of a run that failed.
 */
export function readIo(
  call: Call,
  toBody: (io: RunIo & { readonly status: RunStatus }) => JsonObject,
): Promise<Answer> {
  return onRun(call, async () => {
    const problem = await guardRun(call);
    if (problem !== undefined) return { problem };
    const io = await call.controlPlane.runs.io(runRef(call), reading(call));
    return { body: { ...toBody(io), ...errorOf(call, io.status) } };
  });
}

/** Asks for a run to be stopped. */
export async function abortRun(call: Call): Promise<Answer> {
  return onRun(call, async () => {
    const problem = await guardRun(call);
    if (problem !== undefined) return { problem };
    const reason = givenText(call, "reason") ?? "";
    const ref = runRef(call);
    const { phase, done } = await call.controlPlane.runs.abort(ref, reason, acting(call));
    const told = { name: ref.name, status: "abort_requested", reason };
    return { body: call.options.compat === "upstream" ? told : { ...told, phase, done } };
  });
}
