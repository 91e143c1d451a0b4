import { FlyteError } from "../../shared/errors.ts";
import { isJsonArray, isJsonObject, type JsonValue, parseJson } from "../../shared/json.ts";
import { type DeliveryAnswer, exitCodeOfStatus } from "../deliveries/post-delivery.ts";
import { type SendOptions, sendDelivery } from "../deliveries/send-delivery.ts";
import { fields, note, print, printJson } from "../output.ts";

/** `flyte-webhook send`: signs a delivery as a provider does, sends it, and shows the answer. */
export async function send(
  provider: string,
  event: string | undefined,
  options: SendOptions & { readonly json?: boolean },
): Promise<void> {
  const sent = await sendDelivery(provider, event, options, process.env);
  const { status, text } = sent.answer;
  process.exitCode = exitCodeOfStatus(status);
  if (sent.fault !== undefined) {
    note(`This is not a delivery that ${provider} would send: ${sent.fault}`);
  }
  const body = bodyOf(sent.answer);
  if (options.json === true) {
    const { event: happened, id } = sent;
    return printJson({ provider, event: happened, id, status, body });
  }
  print(
    fields([
      ["sent", sent.event === null ? provider : `${provider} ${sent.event}`],
      ["id", sent.id ?? undefined],
      ["status", String(status)],
    ]),
  );
  if (isJsonObject(body) || isJsonArray(body)) printJson(body);
  else if (text !== "") print(text);
}

function bodyOf({ headers, text }: DeliveryAnswer): JsonValue {
  if (text === "") return null;
  if (!/json/.test(String(headers["content-type"]))) return text;
  try {
    return parseJson(text);
  } catch (error) {
    if (FlyteError.is(error)) return text;
    throw error;
  }
}
