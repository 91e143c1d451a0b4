import type { RunStatus } from "../../client/control-plane.ts";
import type { RunHistory, RunTransition } from "../../client/run-history.ts";
import type { JsonObject } from "../../shared/json.ts";
import { endId, type LiveEvent } from "./live-event.ts";

/** Said to a reader whose place is not known any more, or never was one. */
export const restart: LiveEvent = {
  event: "restart",
  data: { detail: "The Last-Event-ID is not known here: what follows begins at the start." },
};

/**
 * The events of a run: one for each phase of each attempt, and one for its end. Nothing is kept between readers: what is
 * sent follows from the history alone, and `after` says how much of it a reader has.
 *
 * A history grows at its end. Should a control plane tell a phase late, behind one that was sent already, it is left
 * out, for this reader as for one that comes back.
 */
export async function* runEvents(
  histories: AsyncIterable<RunHistory>,
  after: string | undefined,
): AsyncGenerator<LiveEvent, void, undefined> {
  let sent = after;
  let isFirst = true;
  for await (const { run, transitions } of histories) {
    let place = transitions.findIndex(({ id }) => id === sent);
    if (place < 0 && sent !== undefined && isFirst) {
      sent = undefined;
      yield restart;
    }
    isFirst = false;
    // A state from before the last one, as a control plane that remembers may tell it.
    if (place < 0 && sent !== undefined) place = transitions.length - (run.done ? 2 : 1);
    for (const transition of transitions.slice(place + 1)) {
      sent = transition.id;
      yield { id: transition.id, event: "phase", data: toPhaseData(run, transition) };
    }
    if (!run.done) continue;
    yield { id: endId, event: "end", data: toEndData(run, transitions.at(-1)) };
    return;
  }
}

function toPhaseData({ name, url }: RunStatus, transition: RunTransition): JsonObject {
  const { phase, attempt, error } = transition;
  return {
    name,
    phase,
    attempt,
    time: toTime(transition.time),
    done: false,
    url,
    ...(error !== undefined && { error }),
  };
}

function toEndData(run: RunStatus, last: RunTransition | undefined): JsonObject {
  const { name, phase, url, error } = run;
  return {
    name,
    phase,
    attempt: last?.attempt ?? Math.max(1, run.attempts),
    time: toTime(run.endedAt),
    done: true,
    url,
    ...(error !== undefined && { error: error.message }),
  };
}

function toTime(time: Date | undefined): string | null {
  return time === undefined ? null : time.toISOString();
}
