import type { IncomingMessage } from "node:http";
import { FlyteError } from "../shared/errors.ts";
import { type JsonValue, parseJson } from "../shared/json.ts";
import { type LargeBodies, largeBodies } from "./large-bodies.ts";
import type { Problem } from "./problem.ts";

/** `application/json`, at most with `charset=utf-8`, and nothing else. */
const json = /^application\/json(?: *; *charset=(?:utf-8|"utf-8"))?$/i;

/** The body, or the problem that keeps it from being read. An absent body is undefined. */
export type BodyReading = { readonly value: JsonValue | undefined } | { readonly problem: Problem };

/** Whether a body of the announced length is too long to be read. */
export function announcesTooMuch(headers: IncomingMessage["headers"], limitBytes: number): boolean {
  return Number(headers["content-length"] ?? 0) > limitBytes;
}

export function tooLarge(limitBytes: number): Problem {
  return {
    code: "payload_too_large",
    detail: `The body is longer than the ${limitBytes} bytes allowed here.`,
  };
}

/** The values of a header that was possibly sent more than once. */
function sent(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  );
}

function mediaTypeProblem(request: IncomingMessage): Problem | undefined {
  const types = sent(request.rawHeaders, "content-type");
  if (types.length !== 1 || !json.test(types[0] ?? "")) {
    return {
      code: "unsupported_media_type",
      detail: "Send the body as JSON, with exactly one header content-type: application/json.",
    };
  }
  const encodings = sent(request.rawHeaders, "content-encoding");
  if (encodings.some((encoding) => encoding.trim().toLowerCase() !== "identity")) {
    return {
      code: "unsupported_media_type",
      detail: "Send the body uncompressed, without the header content-encoding.",
    };
  }
  return undefined;
}

const noRoom: Problem = {
  code: "overloaded",
  detail: "More large bodies are being sent here than can be held. Try again later.",
  headers: { "retry-after": "5" },
};

type BytesReading = { readonly bytes: Buffer } | { readonly problem: Problem };

/** Collects the body, as far as it keeps to the limit and there is room. The rest is not kept. */
function collect(
  request: IncomingMessage,
  limitBytes: number,
  bodies: LargeBodies,
): Promise<BytesReading> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const share = bodies.begin();
    let length = 0;
    const settle = (act: () => void): void => {
      share[Symbol.dispose]();
      request.off("data", onData).off("end", onEnd).off("error", onCut).off("close", onCut);
      act();
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limitBytes) settle(() => resolve({ problem: tooLarge(limitBytes) }));
      else if (share.take(chunk.length)) chunks.push(chunk);
      else settle(() => resolve({ problem: noRoom }));
    };
    const onEnd = (): void => {
      const [first = Buffer.alloc(0), ...more] = chunks;
      settle(() => resolve({ bytes: more.length === 0 ? first : Buffer.concat(chunks, length) }));
    };
    const onCut = (): void => {
      settle(() => reject(new FlyteError("canceled", "The body was cut off.")));
    };
    request.on("data", onData).on("end", onEnd).on("error", onCut).on("close", onCut);
  });
}

function parse(bytes: Buffer): BodyReading {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { value: parseJson(text) };
  } catch (error) {
    const reason = FlyteError.is(error) ? error.message : "it is not UTF-8";
    return {
      problem: { code: "invalid_input", detail: `The body is not acceptable JSON: ${reason}` },
    };
  }
}

/** Reads a body of at most `limitBytes`, none as no bytes; one announced to be longer is not read. */
export async function readBytes(
  request: IncomingMessage,
  limitBytes: number,
  bodies: LargeBodies = largeBodies,
): Promise<BytesReading> {
  if (!announcesBody(request)) return { bytes: Buffer.alloc(0) };
  if (announcesTooMuch(request.headers, limitBytes)) return { problem: tooLarge(limitBytes) };
  return collect(request, limitBytes, bodies);
}

function announcesBody({ headers }: IncomingMessage): boolean {
  const announced = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (announced ?? "0") !== "0";
}

/**
 * Reads a JSON body of at most `limitBytes`.
 *
 * There is one parser for one exact media type, whatever the request claims. Reading stops at the
 * limit, and a body announced to be longer is not read at all.
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
): BodyReading | Promise<BodyReading> {
  if (!announcesBody(request)) return { value: undefined };
  if (announcesTooMuch(request.headers, limitBytes)) return { problem: tooLarge(limitBytes) };
  const problem = mediaTypeProblem(request);
  if (problem !== undefined) return { problem };
  return collect(request, limitBytes, largeBodies).then((read) => {
    if ("problem" in read) return read;
    return read.bytes.length === 0 ? { value: undefined } : parse(read.bytes);
  });
}
