import type { ServerResponse } from "node:http";
import { pipeline, type Readable } from "node:stream";
import type { FastifyReply } from "fastify";

/** An answer that goes out bit by bit, such as that of someone else, passed on. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * A stream; once it fails, the connection is cut: there is no other way left to tell. Or what writes to the response,
   * whose head is out, ends it, and never throws.
   */
  readonly body: Readable | Buffer | ((response: ServerResponse) => void);
}

/** Passes an answer on as it arrives, beside the headers that every answer has. */
export function sendStream(
  reply: FastifyReply,
  { status, headers, body }: StreamAnswer,
): FastifyReply {
  if (Buffer.isBuffer(body)) return reply.code(status).headers(headers).send(body);
  const { raw } = reply;
  for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...headers })) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  raw.statusCode = status;
  // Past Fastify, which would answer a failure before the first byte under the headers of this answer.
  reply.hijack();
  raw.flushHeaders();
  if (typeof body === "function") body(raw);
  else pipeline(body, raw, () => undefined);
  return reply;
}
