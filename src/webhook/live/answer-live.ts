import type { RunStatus } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { startDeadline } from "../../shared/signals.ts";
import { whoOf } from "../admission/who-of.ts";
import type { Answer } from "../answer-request.ts";
import { type Call, givenText } from "../call.ts";
import { absentRun } from "../guard.ts";
import { logFailure } from "../log-error.ts";
import { type Problem, toDocument, toProblem } from "../problem.ts";
import { redactor } from "../redact.ts";
import { onFoundRun } from "../routes/runs.ts";
import { chooseFormat } from "./choose-format.ts";
import type { LiveEvent } from "./live-event.ts";
import type { LiveFormat } from "./live-format.ts";
import type { LiveStreams, StreamPlace } from "./live-streams.ts";
import { writeLive } from "./write-live.ts";

/** What a live stream of a run tells. */
export interface LiveSource {
  /** What it can be written as, the first for readers who say nothing. */
  readonly formats: readonly LiveFormat[];
  /** What keeps it from being begun. */
  refuse?(run: RunStatus): Problem | undefined;
  /** Whether a reader with this `Last-Event-ID` has all there will ever be. */
  isOver(run: RunStatus, after: string | undefined): boolean;
  /** The events, until the signal ends them. */
  open(run: RunStatus, after: string | undefined, signal: AbortSignal): AsyncIterable<LiveEvent>;
}

const headers = {
  // Proxies hold answers back to send them in one piece, unless they are told (nginx, and what follows it).
  "x-accel-buffering": "no",
};

/**
 * Answers with a live stream about the run of a request. Whatever keeps it from being begun is answered as ever; what
 * goes wrong later is an event.
 */
export async function answerLive(
  call: Call,
  streams: LiveStreams,
  source: LiveSource,
): Promise<Answer> {
  const accept = call.header("accept");
  const chosen = chooseFormat(source.formats, { name: givenText(call, "format"), accept });
  if ("problem" in chosen) return chosen;
  const place = streams.enter(whoOf(call.auth));
  if (place === undefined) return { problem: tooMany };
  let isBegun = false;
  try {
    return await onFoundRun(call, async (run) => {
      const after = call.header("last-event-id") || undefined; // empty where there was none (9.2.3)
      const problem = source.refuse?.(run);
      if (problem !== undefined) return { problem };
      if (source.isOver(run, after)) return nothingMore;
      isBegun = true;
      const { format } = chosen;
      return toStream({ call, format, place }, (signal) => source.open(run, after, signal));
    });
  } finally {
    if (!isBegun) place[Symbol.dispose]();
  }
}

const tooMany: Problem = {
  code: "overloaded",
  detail:
    "As many live streams are open as there may be, here or with one credential. Try again later.",
  headers: { "retry-after": "5" },
};

/** With this status an `EventSource` does not come back (WHATWG HTML, 9.2.3). */
const nothingMore: Answer = { stream: { status: 204, headers: {}, body: Buffer.alloc(0) } };

interface Stream {
  readonly call: Call;
  readonly format: LiveFormat;
  readonly place: StreamPlace;
}

function toStream(
  { call, format, place }: Stream,
  open: (signal: AbortSignal) => AsyncIterable<LiveEvent>,
): Answer {
  const { closing } = place;
  const { closeGraceMs } = call.options;
  return {
    stream: {
      status: 200,
      headers: { ...headers, "content-type": format.contentType },
      body: async (response) => {
        using _place = place;
        using ends = startDeadline({ signals: [call.signal, closing] });
        const onError = (error: unknown): LiveEvent => toErrorEvent(call, error);
        const writing = { format, closing, closeGraceMs, onError };
        await writeLive(response, open(ends.signal), writing);
      },
    },
  };
}

/** Tells the caller what went wrong, and the operator if it is for them. */
function toErrorEvent(call: Call, error: unknown): LiveEvent {
  const { auth, options, record, requestId } = call;
  const isAbsent = FlyteError.is(error) && error.code === "not_found";
  const problem = isAbsent ? absentRun(call) : toProblem(error, requestId);
  record.problem = problem.code;
  logFailure(options.logger, { id: requestId, authMetadata: auth }, error, problem.code);
  return { event: "error", data: { ...toDocument(problem, requestId, redactor(auth)) } };
}
