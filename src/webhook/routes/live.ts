import { startDeadline } from "../../shared/signals.ts";
import type { Answer, Route } from "../answer-request.ts";
import { acting, runRef } from "../call.ts";
import { answerLive } from "../live/answer-live.ts";
import type { LiveEvent } from "../live/live-event.ts";
import { endId } from "../live/live-event.ts";
import { liveFormats } from "../live/live-format.ts";
import type { LiveStreams } from "../live/live-streams.ts";
import { Recheck } from "../live/recheck.ts";
import { runEvents } from "../live/run-events.ts";
import { isLogOver, type LogReading, runLogs } from "../live/run-logs.ts";

const { sse, ndjson, text } = liveFormats;

/** Tells the phases of a run as it enters them. */
export function createGetRunEvents(streams: LiveStreams): Route {
  return (call): Promise<Answer> => {
    const { runs } = call.controlPlane;
    return answerLive(call, streams, {
      formats: [sse, ndjson],
      isOver: (run, after) => run.done && after === endId,
      open: (_run, after, signal) =>
        runEvents(runs.watchHistory(runRef(call), { ...acting(call), signal }), after),
    });
  };
}

/** Tells the lines of a run's log as they are written. */
export function createGetRunLogs(streams: LiveStreams): Route {
  return async (call): Promise<Answer> => {
    const { runs } = call.controlPlane;
    const ref = runRef(call);
    const given = call.parameters["attempt"];
    const attempt = typeof given === "number" ? given : undefined;
    const follow = call.parameters["follow"] !== false;
    return answerLive(call, streams, {
      formats: [text, sse, ndjson],
      refuse: ({ name, done, attempts }) =>
        attempt !== undefined && done && attempt > attempts
          ? {
              code: "not_found",
              detail: `Run ${name} has no attempt ${attempt}: the last is ${attempts}`,
            }
          : undefined,
      isOver: (run, after) => after === endId && isLogOver(run, attempt),
      open: (run, after, signal) =>
        readRechecked({
          runs,
          ref,
          run,
          attempt,
          follow,
          after,
          options: { ...acting(call), signal },
        }),
    });
  };
}

/** The same lines, while the caller may read them. */
async function* readRechecked(asked: LogReading): AsyncGenerator<LiveEvent, void, undefined> {
  const { runs, ref, options } = asked;
  using recheck = new Recheck(() => runs.get(ref, options));
  using ends = startDeadline({ signals: [options.signal, recheck.signal] });
  try {
    yield* runLogs({ ...asked, options: { ...options, signal: ends.signal } });
  } catch (error) {
    throw recheck.signal.aborted ? recheck.signal.reason : error;
  }
}
