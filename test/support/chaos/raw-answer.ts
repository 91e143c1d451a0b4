import type { IncomingHttpHeaders } from "node:http";
import type { Fault } from "./fault.ts";

/** An answer as a server gave it. */
export interface GivenAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Not passed on: they are about a connection. */
const ofConnections = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "date",
]);

/** The head of an answer whose body has this length; without one it comes in chunks. */
export function toHead(
  { status, headers }: Pick<GivenAnswer, "status" | "headers">,
  length?: number,
): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    ofConnections.has(name) ? [] : [`${name}: ${value}`],
  );
  const framing = length === undefined ? "transfer-encoding: chunked" : `content-length: ${length}`;
  return `HTTP/1.1 ${status} Some words\r\n${[...lines, framing].join("\r\n")}\r\n\r\n`;
}

/** A whole answer in bytes. */
export function toBytes(answer: GivenAnswer): Buffer {
  return Buffer.concat([Buffer.from(toHead(answer, answer.body.length)), answer.body]);
}

/** Words that must never reach a caller. */
export const internals = "planted-internals of 10.1.2.3";

const bodies: Readonly<Record<NonNullable<Fault["form"]>, readonly [type: string, body: string]>> =
  {
    text: ["text/plain", internals],
    html: ["text/html; charset=utf-8", `<html><h1>${internals}</h1></html>`],
    json: ["application/json", JSON.stringify({ error: internals })],
    nothing: ["", ""],
  };

/** What something on the way answers by itself. */
export function answerOnTheWay({ status = 500, form = "text", retryAfter }: Fault): GivenAnswer {
  const [type, body] = bodies[form];
  return {
    status,
    headers: {
      ...(type !== "" && { "content-type": type }),
      ...(retryAfter !== undefined && { "retry-after": retryAfter }),
    },
    body: Buffer.from(body),
  };
}

/** Faults after which an error is none of the protocol. */
const unreadable: ReadonlySet<Fault["kind"]> = new Set(["shortened", "no message", "wrong type"]);

/** What a fault makes of an answer that arrives whole; undefined where that is no fault of the answer. */
export function spoil(answer: GivenAnswer, { kind }: Fault): Buffer | undefined {
  const { status, headers, body } = answer;
  // A 404 that is no error of the protocol says that the service is not there; it is not told apart.
  if (status === 404 && unreadable.has(kind)) return undefined;
  switch (kind) {
    case "shortened":
      return toBytes({ ...answer, body: body.subarray(0, -1) });
    case "no message":
      // A field of a length that is longer than the rest.
      return toBytes({ ...answer, body: Buffer.from([0x0a, 0xff, 0xff, 0x03, ...body]) });
    case "wrong type":
      return toBytes({ ...answer, headers: { ...headers, "content-type": "text/html" } });
    case "compressed":
      return toBytes({ ...answer, headers: { ...headers, "content-encoding": "br" } });
    case "answered twice":
      return Buffer.concat([toBytes(answer), toBytes(answer)]);
    case "interim noise": {
      // Not 100, which the client's connections take for a fault when nobody asked for it.
      const hints = "HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n";
      const noise = `HTTP/1.1 102 Processing\r\n\r\n${hints}${hints}`;
      return Buffer.concat([Buffer.from(noise), toBytes(answer)]);
    }
    default:
      return undefined;
  }
}
