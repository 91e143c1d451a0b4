import type { FastifyReply } from "fastify";
import { isJsonArray, isJsonObject, type JsonValue, stringifyJson } from "../../shared/json.ts";

/** Changes every text in a value, keys excepted. */
function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === "string") return change(value);
  if (isJsonArray(value)) return value.map((item) => mapTexts(item, change));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, mapTexts(member, change)]),
  );
}

/** Answers as the original does when something went wrong: `{"detail": …}`. */
export function sendDetail(
  reply: FastifyReply,
  { status, detail }: { readonly status: number; readonly detail: JsonValue },
  redact: (text: string) => string,
): FastifyReply {
  return reply
    .code(status)
    .header("content-type", "application/json")
    .send(Buffer.from(stringifyJson({ detail: mapTexts(detail, redact) })));
}
