import type { IncomingHttpHeaders } from "node:http";
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import type { ConnectError } from "@connectrpc/connect";
import { finalError, toAnswerError } from "./answer-errors.ts";

/** Bytes before each message: flags, and the length. */
const envelopeBytes = 5;
const compressedFlag = 0b01;
const endFlag = 0b10;

/** A message with its envelope, as the Connect protocol sends it in streams. */
export function toEnvelope(message: Uint8Array): Buffer {
  const envelope = Buffer.alloc(envelopeBytes + message.length);
  envelope.writeUInt32BE(message.length, 1);
  envelope.set(message, envelopeBytes);
  return envelope;
}

export interface StreamSource {
  readonly baseUrl: string;
  readonly chunks: AsyncIterable<Buffer>;
  /** Longest message that is read. */
  readonly maxBytes: number;
}

/** What arrived of a stream, cut into messages. */
class Envelopes {
  readonly #source: StreamSource;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Bytes that have to be there before there is more to know. */
  #needed = envelopeBytes;

  constructor(source: StreamSource) {
    this.#source = source;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
  }

  /** The next message, once it is whole. @throws ConnectError for one that is too long */
  take(): { readonly flags: number; readonly bytes: Uint8Array } | undefined {
    if (this.#received < this.#needed) return undefined;
    const [first = noBytes, ...others] = this.#chunks;
    const all = others.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    const length = all.readUInt32BE(1);
    const { baseUrl, maxBytes } = this.#source;
    if (length > maxBytes) throw tooLong(baseUrl, maxBytes);
    const end = envelopeBytes + length;
    if (this.#received < end) {
      this.#needed = end;
      return undefined;
    }
    this.#chunks = [all.subarray(end)];
    this.#received -= end;
    this.#needed = envelopeBytes;
    return { flags: all.readUInt8(0), bytes: all.subarray(envelopeBytes, end) };
  }
}

const noBytes = Buffer.alloc(0);

/**
 * The messages of a stream of the Connect protocol, and how it came to its end.
 *
 * @throws ConnectError what the server ended the stream with
 */
export async function* readMessages<O extends DescMessage>(
  output: O,
  source: StreamSource,
): AsyncGenerator<MessageShape<O>, "ended" | "broke off", undefined> {
  const envelopes = new Envelopes(source);
  for await (const chunk of source.chunks) {
    envelopes.add(chunk);
    for (let next = envelopes.take(); next !== undefined; next = envelopes.take()) {
      const { flags, bytes } = next;
      if ((flags & compressedFlag) !== 0) throw compressed(source.baseUrl);
      if ((flags & endFlag) === 0) yield decode(output, bytes, source.baseUrl);
      else return throwIfError(bytes);
    }
  }
  return "broke off";
}

function decode<O extends DescMessage>(
  output: O,
  bytes: Uint8Array,
  baseUrl: string,
): MessageShape<O> {
  try {
    return fromBinary(output, bytes);
  } catch (cause) {
    throw finalError("internal", `${baseUrl} streamed a broken message.`, cause);
  }
}

/** @throws ConnectError the one that a stream ends with, if it does */
function throwIfError(bytes: Uint8Array): "ended" {
  let end: { readonly error?: unknown; readonly metadata?: unknown };
  try {
    end = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw finalError("internal", "A stream ended with what is not JSON.", cause);
  }
  if (typeof end !== "object" || end === null || end.error == null) return "ended";
  throw toAnswerError({
    status: 500,
    headers: { ...readMetadata(end.metadata), "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(end.error)),
  });
}

function readMetadata(given: unknown): IncomingHttpHeaders {
  if (typeof given !== "object" || given === null) return {};
  const entries = Object.entries(given).flatMap(([name, values]) =>
    /^[\w!#$%&'*+.^`|~-]+$/.test(name) && Array.isArray(values)
      ? [[name.toLowerCase(), values.filter((value) => typeof value === "string")] as const]
      : [],
  );
  return Object.fromEntries(entries);
}

function tooLong(baseUrl: string, maxBytes: number): ConnectError {
  const message = `A message of ${baseUrl} is longer than the limit of ${maxBytes} bytes.`;
  return finalError("internal", message);
}

function compressed(baseUrl: string): ConnectError {
  return finalError("internal", `${baseUrl} compressed its answer although it was asked not to.`);
}
