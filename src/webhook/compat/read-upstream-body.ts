import type { IncomingMessage } from "node:http";
import {
  isJsonArray,
  isJsonObject,
  type JsonValue,
  ownValue,
  parseJson,
} from "../../shared/json.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Parameter } from "../parameters.ts";
import type { Problem } from "../problem.ts";
import { announcesTooMuch, readBytes, tooLarge } from "../read-body.ts";
import type { ParameterValues } from "../read-parameters.ts";
import { findJsonError } from "./json-error.ts";
import { invalidJson, type ValidationError, validationError } from "./validation-error.ts";

/** `json` is undefined for a body that does not call itself JSON. */
type Sent =
  | { readonly kind: "nothing" }
  | { readonly kind: "json"; readonly value: JsonValue }
  | { readonly kind: "text"; readonly value: string };

type Refused = { readonly problem: Problem } | { readonly invalid: ValidationError };

export type BodyReading =
  | Refused
  | {
      readonly values: ParameterValues;
      /** The inputs of a task. */
      readonly body: JsonValue | undefined;
      readonly errors: readonly ValidationError[];
    };

/** The media types whose bodies the original reads as JSON. */
const json = /^\s*application\/(?:json|[^\s;]*\+json)\s*(?:;|$)/i;

function parse(bytes: Buffer): Sent | Refused {
  const unreadable = {
    problem: { code: "invalid_input", detail: "There was an error parsing the body" },
  } as const;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return unreadable;
  }
  try {
    return { kind: "json", value: parseJson(text) };
  } catch {
    const error = findJsonError(text);
    return error === undefined ? unreadable : { invalid: invalidJson(error.offset, error.reason) };
  }
}

async function readSent(request: IncomingMessage, limitBytes: number): Promise<Sent | Refused> {
  const read = await readBytes(request, limitBytes);
  if ("problem" in read) return read;
  const { bytes } = read;
  if (bytes.length === 0) return { kind: "nothing" };
  if (json.test(request.headers["content-type"] ?? "")) return parse(bytes);
  return { kind: "text", value: bytes.toString("utf8") };
}

function listErrors(value: JsonValue, place: readonly string[]): readonly ValidationError[] {
  if (!isJsonArray(value)) return [validationError("list_type", place, value)];
  return value.flatMap((item, index) =>
    typeof item === "string" ? [] : [validationError("string_type", [...place, index], item)],
  );
}

function dictErrors(value: JsonValue, place: readonly string[]): readonly ValidationError[] {
  return isJsonObject(value) ? [] : [validationError("dict_type", place, value)];
}

/** The only parameter of a body is the body itself. */
function readBare({ name }: Parameter, sent: Sent): BodyReading {
  if (sent.kind === "nothing" || sent.value === null) {
    return { values: {}, body: undefined, errors: [] };
  }
  const { value } = sent;
  return { values: { [name]: value }, body: undefined, errors: listErrors(value, ["body"]) };
}

/** Several parameters are members of the body; a body that is no JSON is not looked at. */
function readEmbedded(parameters: readonly Parameter[], sent: Sent): BodyReading {
  const values: Record<string, JsonValue> = {};
  const errors: ValidationError[] = [];
  for (const { name, kind } of sent.kind === "json" ? parameters : []) {
    const place = ["body", name];
    if (sent.kind !== "json" || !isJsonObject(sent.value)) {
      errors.push(validationError("missing", place));
      continue;
    }
    const value = ownValue(sent.value, name) ?? null;
    if (value === null) continue;
    errors.push(...(kind === "texts" ? listErrors(value, place) : dictErrors(value, place)));
    values[name] = value;
  }
  return { values, body: undefined, errors };
}

/** Reads from the body what the original takes from there, and nothing where it takes nothing. */
export async function readUpstreamBody(
  endpoint: Endpoint,
  request: IncomingMessage,
  limitBytes: number,
): Promise<BodyReading> {
  const parameters = endpoint.parameters.filter(({ place }) => place === "body");
  if (endpoint.body === undefined && parameters.length === 0) {
    return announcesTooMuch(request.headers, limitBytes)
      ? { problem: tooLarge(limitBytes) }
      : { values: {}, body: undefined, errors: [] };
  }
  const sent = await readSent(request, limitBytes);
  if (!("kind" in sent)) return sent;
  if (endpoint.body !== undefined) {
    if (sent.kind === "nothing") {
      return { values: {}, body: undefined, errors: [validationError("missing", ["body"])] };
    }
    return { values: {}, body: sent.value, errors: dictErrors(sent.value, ["body"]) };
  }
  const bare = parameters.find((parameter) => parameter.bare);
  return bare === undefined ? readEmbedded(parameters, sent) : readBare(bare, sent);
}
