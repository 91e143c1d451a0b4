import type { StartedRun } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { webhookAnnotation } from "../../values/run-origin.ts";
import type { Problem } from "../problem.ts";
import { problemKinds } from "../problem-codes.ts";
import type { Start, StartContext, Started } from "../starting/start.ts";
import type { StartKey } from "./idempotency-key.ts";
import { keysInFlightOf } from "./keys-in-flight.ts";
import { nameRun } from "./name-run.ts";

/**
 * Starts a run, or finds the one that an earlier request with the key has started. A start that failed leaves the key
 * free; after one whose outcome is not known a repetition finds the run or starts it.
 *
 * @throws FlyteError what kept the run from starting; `payload_mismatch` where the key stands for another payload; one
 * with `outcomeUnknown` where there may be a run now
 */
export async function startOnce<Run extends StartedRun | undefined>(
  context: StartContext,
  start: Start<Run>,
  key: StartKey | undefined,
): Promise<Started<Run>> {
  const naming = nameRun(context, start, key);
  const named = naming instanceof Promise ? await naming : naming;
  if ("problem" in named) return named;
  const { options } = named;
  const annotations = { ...options.annotations, [webhookAnnotation]: context.options.name };
  const { runs, starts } = context.record;
  const begin = (): Promise<Started<Run>> =>
    starts.during(async () => {
      const run = await start.begin({ ...options, annotations });
      if (run !== undefined) {
        const { project, domain, name } = run;
        runs.push({ project, domain, name, isNew: !run.existed });
      }
      return { run };
    });
  if (starts.isStopped) return { problem: stopped() };
  if (options.name === undefined) return begin();
  if (key === undefined) return refuseTakenName(begin);
  const started = await keysInFlightOf(context.options).once(options.name, begin);
  return started ?? { problem: inFlight() };
}

/** A name that the caller chose is taken; a key is used again. */
async function refuseTakenName<Run>(begin: () => Promise<Started<Run>>): Promise<Started<Run>> {
  try {
    return await begin();
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "payload_mismatch") throw error;
    return { problem: { code: "conflict", detail: error.message } };
  }
}

/** Its caller has been told that nothing was started. */
function stopped(): Problem {
  return { code: "draining", detail: "The webhook is stopped. Nothing was started." };
}

function inFlight(): Problem {
  const detail = "A request with this Idempotency-Key is under way. Repeat it when that is over.";
  const seconds = problemKinds.in_flight.retryAfterSeconds ?? 1;
  return {
    code: "in_flight",
    detail,
    headers: { "retry-after": String(seconds) },
    upstream: { status: problemKinds.in_flight.status, detail },
  };
}
