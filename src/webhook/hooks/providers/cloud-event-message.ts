import type { JsonObject, JsonValue } from "../../../shared/json.ts";
import type { RawDelivery } from "../provider.ts";
import {
  isJsonType,
  jsonObjectOf,
  jsonOf,
  mediaTypeOf,
  textBody,
  textField,
} from "./delivery-body.ts";
import { malformed } from "./reading-fault.ts";

/**
 * An event as the JSON format of CloudEvents writes it, whichever way it came: its attributes, and `data`, or
 * `data_base64` for what is neither JSON nor text. Extensions are there as well.
 */
export interface CloudEventPayload extends JsonObject {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
}

/** Whether the attributes are in the body; a batch is given up. */
export function isStructured(delivery: RawDelivery): boolean {
  const mediaType = mediaTypeOf(delivery);
  if (!mediaType.startsWith("application/cloudevents")) return false;
  if (mediaType === "application/cloudevents+json") return true;
  if (mediaType.startsWith("application/cloudevents-batch")) {
    return malformed(
      "A batch is not taken: each event needs an answer of its own. Send them one by one.",
    );
  }
  return malformed("Of the formats of CloudEvents, application/cloudevents+json alone is taken.");
}

/** An event in structured mode. */
export function readStructured(delivery: RawDelivery): CloudEventPayload {
  return checked(jsonObjectOf(textBody(delivery.body)));
}

/**
 * An event in binary mode: attributes in `ce-` headers, data in the body.
 *
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md section 3.1
 */
export function readBinary(delivery: RawDelivery): CloudEventPayload {
  const attributes: [string, JsonValue][] = [];
  for (const given of new Set(delivery.headerNames.map((name) => name.toLowerCase()))) {
    if (!given.startsWith("ce-")) continue;
    const value = delivery.header(given);
    if (typeof value !== "string") malformed(`The header ${given} came more than once.`);
    if (
      !/^ce-[a-z0-9]{1,64}$/.test(given) ||
      given === "ce-data" ||
      given === "ce-datacontenttype"
    ) {
      malformed(`The header ${given} stands for no attribute.`);
    }
    attributes.push([given.slice(3), decodeAttribute(value ?? "")]);
  }
  const contentType = delivery.header("content-type");
  if (typeof contentType === "string") attributes.push(["datacontenttype", contentType]);
  return checked({ ...Object.fromEntries(attributes), ...dataOf(delivery) });
}

function dataOf(delivery: RawDelivery): JsonObject {
  const mediaType = mediaTypeOf(delivery);
  if (delivery.body.length === 0) return {};
  if (isJsonType(mediaType)) return { data: jsonOf(textBody(delivery.body)) };
  if (mediaType.startsWith("text/")) return { data: textBody(delivery.body) };
  return { data_base64: Buffer.from(delivery.body).toString("base64") };
}

function decodeAttribute(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"$/.exec(value)?.[1];
  const text = quoted === undefined ? value : quoted.replaceAll(/\\(.)/g, "$1");
  try {
    return decodeURIComponent(text);
  } catch {
    return malformed("A ce- header is not percent-encoded UTF-8.");
  }
}

function checked(event: JsonObject): CloudEventPayload {
  if (event["specversion"] !== "1.0") return malformed("specversion must be 1.0.");
  const [id, source, type] = ["id", "source", "type"].map((name) => textField(event, name));
  if (id === undefined || source === undefined || type === undefined) {
    return malformed("An event must have the attributes id, source and type, each a text.");
  }
  return { ...event, specversion: "1.0", id, source, type };
}
