import type { Endpoint } from "../endpoint.ts";
import { flag, type JsonSchema, nullable, object, text } from "../json-schema.ts";
import type { LiveEvent } from "../live/live-event.ts";
import { writeServerSentEvent } from "../live/live-format.ts";
import { addedScope, type Parameter, switchParameter, textParameter } from "../parameters.ts";
import { exampleRun } from "./run-answers.ts";

const time: JsonSchema = nullable({ ...text, format: "date-time" });
const count: JsonSchema = { type: "integer" };

const { name, url } = exampleRun;

const phaseEvent = {
  id: "1.running",
  event: "phase",
  data: { name, phase: "running", attempt: 1, time: "2026-05-01T08:00:00.000Z", done: false, url },
} as const satisfies LiveEvent;

const lineEvent = {
  id: "1.2",
  event: "line",
  data: { message: "epoch 2 of 10", time: "2026-05-01T08:00:01.000Z", attempt: 1 },
} as const satisfies LiveEvent;

/** Members that some events lack. */
function withOptional(
  schema: JsonSchema,
  optional: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  return { ...schema, properties: { ...schema.properties, ...optional } };
}

const kinds = "`heartbeat`, `restart` and `error` have members of their own; pass over others.";
const event = (...names: readonly string[]): JsonSchema => ({
  ...text,
  description: `What it is: ${names.map((each) => `\`${each}\``).join(", ")}. ${kinds}`,
});
const error: JsonSchema = {
  ...text,
  description: "Why the attempt or the run failed; absent otherwise.",
};
const id: JsonSchema = { ...text, description: "Where to go on: send it as `Last-Event-ID`." };

const runEvent = withOptional(object({ event: event("phase", "end") }), {
  id,
  name: text,
  phase: text,
  attempt: count,
  time,
  done: flag,
  url: text,
  error,
});

const logEvent = withOptional(object({ event: event("line", "end") }), {
  id,
  message: text,
  time,
  attempt: count,
  name: text,
  lines: count,
  phase: text,
  done: flag,
  error,
});

const stream: JsonSchema = {
  ...text,
  description: "Server-sent events, each with JSON as its data.",
};

const format = (names: string): Parameter =>
  textParameter(
    "format",
    `${names}, where the Accept header cannot say so. It goes before that header.`,
  );

/** The endpoints of the group `live`. */
export const liveEndpoints: readonly Endpoint[] = [
  {
    name: "get_run_events",
    group: "live",
    added: true,
    method: "GET",
    path: "/run/{name}/events",
    summary: "Follow the phases of a run, those before first, until it has ended",
    parameters: [format("`sse` or `ndjson`"), ...addedScope],
    answer: runEvent,
    example: { event: phaseEvent.event, id: phaseEvent.id, ...phaseEvent.data },
    mediaTypes: {
      "text/event-stream": { schema: stream, example: writeServerSentEvent(phaseEvent) },
      "application/x-ndjson": {
        schema: runEvent,
        example: { event: phaseEvent.event, id: phaseEvent.id, ...phaseEvent.data },
      },
    },
    fence: "run",
  },
  {
    name: "get_run_logs",
    group: "live",
    added: true,
    method: "GET",
    path: "/run/{name}/logs",
    summary: "Follow the log of a run, the lines before first, until it has ended",
    parameters: [
      {
        name: "attempt",
        description:
          "That attempt alone, counted from 1. Without it, the last one and those after it.",
        kind: "integer",
        place: "query",
        least: 1,
      },
      {
        ...switchParameter("follow", "Whether to wait for lines that are not written yet."),
        default: true,
      },
      format("`text`, `sse` or `ndjson`"),
      ...addedScope,
    ],
    answer: logEvent,
    example: { event: lineEvent.event, id: lineEvent.id, ...lineEvent.data },
    mediaTypes: {
      "text/plain": {
        schema: { ...text, description: "The lines." },
        example: `${lineEvent.data.message}\n`,
      },
      "text/event-stream": { schema: stream, example: writeServerSentEvent(lineEvent) },
      "application/x-ndjson": {
        schema: logEvent,
        example: { event: lineEvent.event, id: lineEvent.id, ...lineEvent.data },
      },
    },
    fence: "run",
  },
];
