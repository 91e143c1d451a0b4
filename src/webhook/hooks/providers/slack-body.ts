import { FlyteError } from "../../../shared/errors.ts";
import {
  isJsonObject,
  type JsonObject,
  ownValue,
  parseJson,
  stringifyJson,
} from "../../../shared/json.ts";
import type { DeliveryReading, RawDelivery } from "../provider.ts";
import {
  formOf,
  formType,
  isJsonType,
  jsonObjectOf,
  mediaTypeOf,
  textBody,
  textField,
} from "./delivery-body.ts";
import { malformed } from "./reading-fault.ts";
import type { SlackEvent } from "./slack-events.ts";

type Proof = Pick<SlackEvent, "secret" | "sentAt">;

/** What a body is that Slack has signed: a command, an interaction or an event. */
export function readSlackBody(delivery: RawDelivery, proof: Proof): DeliveryReading {
  const mediaType = mediaTypeOf(delivery);
  if (isJsonType(mediaType)) return readJson(jsonObjectOf(textBody(delivery.body)), proof);
  if (mediaType !== formType) {
    return malformed(`The content type must be application/json or ${formType}.`);
  }
  const form = formOf(delivery.body);
  const payload = form.get("payload");
  if (payload !== undefined) return readInteraction(jsonObjectOf(payload, "The payload"), proof);
  // https://docs.slack.dev/interactivity/implementing-slash-commands: Slack asks whether the certificate is good.
  if (form.get("ssl_check") === "1") return answer("ssl_check", {});
  return readCommand(form, proof);
}

function readCommand(form: ReadonlyMap<string, string>, proof: Proof): DeliveryReading {
  const command = form.get("command") ?? "";
  if (!/^\/[^\s.]{1,64}$/.test(command))
    return malformed("The form has neither a payload nor a command.");
  const id = form.get("trigger_id");
  const payload: JsonObject = { text: "", ...Object.fromEntries(form) };
  return event({ kind: "command", name: command.slice(1), id, payload, proof });
}

function readInteraction(payload: JsonObject, proof: Proof): DeliveryReading {
  const name = textField(payload, "type") ?? malformed("The payload has no type.");
  return event({ kind: "interaction", name, id: textField(payload, "trigger_id"), payload, proof });
}

function readJson(payload: JsonObject, proof: Proof): DeliveryReading {
  const type = textField(payload, "type") ?? malformed("The body has no type.");
  if (type === "url_verification") {
    const challenge = textField(payload, "challenge") ?? malformed("The body has no challenge.");
    return answer(type, { challenge });
  }
  const inner = ownValue(payload, "event");
  const innerType = isJsonObject(inner) ? textField(inner, "type") : undefined;
  const name = type === "event_callback" ? innerType : type;
  if (name === undefined) return malformed("The event has no type.");
  return event({ kind: "event", name, id: textField(payload, "event_id"), payload, proof });
}

function answer(what: string, body: JsonObject): DeliveryReading {
  return { kind: "answer", status: 200, body, what };
}

interface Read {
  readonly kind: SlackEvent["kind"];
  readonly name: string;
  readonly id: string | undefined;
  readonly payload: JsonObject;
  readonly proof: Proof;
}

function event({ kind, name, id, payload, proof }: Read): DeliveryReading {
  const type = `${kind}.${name}`;
  const read = { provider: "slack", kind, type, id, payload, ...proof };
  return { kind: "event", event: read };
}

/** Slack's own word for the old way to prove itself, and the addresses that take messages from whoever knows them. */
const secretFields = ["token", "response_url", "response_urls"];

/** A body without its `token` and `response_url`, in the same form. */
export function withoutSlackSecrets(body: Uint8Array): Uint8Array {
  const text = Buffer.from(body).toString("utf8");
  const json = withoutFields(text);
  if (json !== undefined) return Buffer.from(json);
  const form = new URLSearchParams(text);
  for (const name of secretFields) if (form.has(name)) form.set(name, hidden);
  const payload = withoutFields(form.get("payload") ?? "");
  if (payload !== undefined) form.set("payload", payload);
  return Buffer.from(form.toString());
}

const hidden = "hidden";

/** Undefined for what is no JSON object. */
function withoutFields(text: string): string | undefined {
  try {
    const value = parseJson(text);
    if (!isJsonObject(value)) return undefined;
    const entries = Object.entries(value).map(([name, one]) =>
      secretFields.includes(name) ? [name, hidden] : [name, one],
    );
    return stringifyJson(Object.fromEntries(entries));
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}
