import type { Dispatcher } from "undici";
import { type JsonValue, parseJson, stringifyJson } from "../../shared/json.ts";
import type { Answer } from "../answer-request.ts";

/** The whole body; undefined once it is longer than allowed. */
export async function readWhole(
  { body }: Dispatcher.ResponseData,
  limitBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * What the original makes of an app's answer: JSON as it is, any other text in `response`, and of a
 * failure its status with the text in `detail`. A redirect is one, as none is followed.
 */
export function toUpstreamAnswer(status: number, body: Buffer): Answer {
  const text = body.toString("utf8");
  if (status < 300) return { body: readAsJson(text) };
  const detail = `Target app returned error: ${text}`;
  return {
    stream: {
      status,
      headers: { "content-type": "application/json" },
      body: Buffer.from(stringifyJson({ detail })),
    },
  };
}

function readAsJson(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return { response: text };
  }
}
