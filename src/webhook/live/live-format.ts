import { type JsonValue, stringifyJson } from "../../shared/json.ts";
import type { LiveEvent } from "./live-event.ts";

/** How a live stream is written. */
export interface LiveFormat {
  readonly name: "sse" | "ndjson" | "text";
  readonly mediaType: string;
  /** The `content-type` of the answer. */
  readonly contentType: string;
  /** What a stream begins with. */
  begin(): string;
  event(event: LiveEvent): string;
  /** Keeps the connection from being idle; readers pass over it. Empty where nothing can. */
  readonly heartbeat: string;
  /** Whether what went wrong can be told; where it cannot, the connection is cut. */
  readonly tellsErrors: boolean;
}

/** Shortest time before a reader comes back, in milliseconds; half of it is added at random. */
const retryMs = 2_000;

/**
 * Server-sent events (WHATWG HTML, 9.2). The data is one line of JSON, so that no character of it can end the
 * line or the event. Readers come back at different times, as those of a webhook that closes all leave at once.
 */
const sse: LiveFormat = {
  name: "sse",
  mediaType: "text/event-stream",
  contentType: "text/event-stream",
  begin: () => `retry: ${retryMs + Math.floor((Math.random() * retryMs) / 2)}\n\n`,
  event: (event) => writeServerSentEvent(event),
  heartbeat: ":\n\n",
  tellsErrors: true,
};

/** One JSON object on each line. */
const ndjson: LiveFormat = {
  name: "ndjson",
  mediaType: "application/x-ndjson",
  contentType: "application/x-ndjson",
  begin: () => "",
  event: ({ id, event, data }) =>
    `${stringifyJson({ event, ...(id !== undefined && { id }), ...data })}\n`,
  heartbeat: '{"event":"heartbeat"}\n',
  tellsErrors: true,
};

/** The lines of a log as they were written, and nothing else. */
const text: LiveFormat = {
  name: "text",
  mediaType: "text/plain",
  contentType: "text/plain; charset=utf-8",
  begin: () => "",
  event: ({ event, data }) => (event === "line" ? toTextLine(data["message"]) : ""),
  heartbeat: "",
  tellsErrors: false,
};

/** Every format by its name. */
export const liveFormats: Readonly<Record<LiveFormat["name"], LiveFormat>> = { sse, ndjson, text };

function toTextLine(message: JsonValue | undefined): string {
  return `${String(message ?? "").replace(/\r?\n$/, "")}\n`;
}

/**
 * One event as a server sends it. A line ends at LF, CR or CRLF alone (9.2.5), of which JSON has none, and
 * identifiers here are of letters, digits, dots and underscores.
 */
export function writeServerSentEvent({ id, event, data }: LiveEvent): string {
  const lines = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    `event: ${event}`,
    `data: ${stringifyJson(data)}`,
  ];
  return `${lines.join("\n")}\n\n`;
}
