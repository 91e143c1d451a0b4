import { FlyteError } from "../../../shared/errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../../shared/json.ts";
import type { RawDelivery } from "../provider.ts";
import { malformed } from "./reading-fault.ts";

/** The media type of a delivery in lower case, without parameters; empty when it names none. */
export function mediaTypeOf(delivery: RawDelivery): string {
  const value = delivery.header("content-type");
  if (value === null) return malformed("The header content-type came more than once.");
  return (value ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

export const formType = "application/x-www-form-urlencoded";

export function isJsonType(mediaType: string): boolean {
  return mediaType === "application/json" || /^application\/[\w.-]+\+json$/.test(mediaType);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The body as text. */
export function textBody(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch {
    return malformed("The body is not UTF-8.");
  }
}

/** A JSON text of a delivery. */
export function jsonOf(text: string, what = "The body"): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (FlyteError.is(error)) return malformed(`${what} is no JSON: ${error.message}`);
    throw error;
  }
}

/** The JSON object of a delivery. */
export function jsonObjectOf(text: string, what = "The body"): JsonObject {
  const value = jsonOf(text, what);
  return isJsonObject(value) ? value : malformed(`${what} is no JSON object.`);
}

/** The fields of a form; none may come twice. */
export function formOf(body: Uint8Array): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(textBody(body))) {
    if (fields.has(name)) malformed("A field of the form came more than once.");
    if (name === "__proto__") malformed("The form has a field __proto__.");
    fields.set(name, value);
  }
  return fields;
}

/** A text that the object holds itself. */
export function textField(object: JsonObject, key: string): string | undefined {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
