import { writeFile } from "node:fs/promises";
import { FlyteError } from "../../shared/errors.ts";
import { nearestName } from "../../shared/nearest-name.ts";
import type { HookProvider } from "../../webhook/hooks/provider.ts";
import {
  parseRecordedDelivery,
  type RecordedDelivery,
  recordDelivery,
} from "../../webhook/hooks/recorded-delivery.ts";
import {
  type DeliveryRequest,
  signDelivery,
  toRawDelivery,
} from "../../webhook/hooks/replay-delivery.ts";
import { type DeliveryAnswer, parseTarget, postDelivery } from "./post-delivery.ts";
import {
  parseHeaders,
  readJsonFile,
  readPayload,
  readSecret,
  type SecretSource,
} from "./read-send-files.ts";
import type { SampleSource, SigningOptions } from "./sample-source.ts";
import { sampleSources } from "./sample-sources.ts";

export interface SendOptions extends SecretSource, SigningOptions {
  readonly to: string;
  readonly payload?: string;
  readonly header?: readonly string[];
  readonly id?: string;
  readonly replay?: string;
  readonly save?: string;
}

/** What was sent, and what was said to it. */
export interface SentDelivery {
  readonly provider: string;
  /** What the provider's own reading of it says; null for what it would not send. */
  readonly event: string | null;
  readonly id: string | null;
  /** Why the provider would not send it. */
  readonly fault: string | undefined;
  readonly answer: DeliveryAnswer;
}

/**
 * Signs a delivery as a provider does, sends it and waits for the answer as long as the provider does.
 *
 * @throws FlyteError naming the option at fault, or telling that nobody has answered
 */
export async function sendDelivery(
  providerName: string,
  event: string | undefined,
  options: SendOptions,
  env: NodeJS.ProcessEnv,
): Promise<SentDelivery> {
  const source = sourceOf(providerName);
  const to = parseTarget(options.to);
  const at = new Date();
  const recorded = await deliveryOf({ providerName, source, event, at }, options);
  const provider = source.provider(await readSecret(options, env), signingOptions(options));
  const request = signDelivery(provider, recorded, at);
  if (options.save !== undefined) await save(options.save, provider, request, at);
  const answer = await postDelivery(to, request, provider.answerWithinMs);
  return { provider: providerName, ...describe(provider, request, at, event), answer };
}

function sourceOf(name: string): SampleSource {
  const source = Object.hasOwn(sampleSources, name) ? sampleSources[name] : undefined;
  if (source !== undefined) return source;
  const names = Object.keys(sampleSources);
  const nearest = nearestName(name, names);
  throw new FlyteError(
    "invalid_input",
    `There is no provider ${JSON.stringify(name)}.${nearest === undefined ? "" : ` Did you mean ${nearest}?`} There are ${names.join(", ")}.`,
  );
}

interface Asked {
  readonly providerName: string;
  readonly source: SampleSource;
  readonly event: string | undefined;
  readonly at: Date;
}

/** What is to be sent: from a file, or made for the event. */
async function deliveryOf(
  { providerName, source, event, at }: Asked,
  options: SendOptions,
): Promise<RecordedDelivery> {
  const more = parseHeaders(options.header ?? []);
  if (options.replay !== undefined) {
    if (event !== undefined || options.payload !== undefined) {
      throw new FlyteError(
        "invalid_input",
        "--replay sends what the file holds: give no event and no --payload with it.",
      );
    }
    const recorded = parseRecordedDelivery(await readJsonFile("--replay", options.replay));
    return { ...recorded, headers: { ...recorded.headers, ...idHeader(source, options), ...more } };
  }
  const payload = options.payload === undefined ? undefined : await readPayload(options.payload);
  const id = options.id ?? source.createId();
  const made =
    event === undefined ? undefined : source.deliver({ event, payload, id, at }, options);
  if (made === undefined) throw unknownEvent(providerName, source, event);
  const { method, headers, body } = made;
  return {
    version: 1,
    provider: providerName,
    method,
    headers: { ...headers, ...more },
    body,
    receivedAt: at.toISOString(),
  };
}

function idHeader(source: SampleSource, options: SendOptions): Readonly<Record<string, string>> {
  if (options.id === undefined) return {};
  const name = source.idHeader(options);
  if (name !== undefined) return { [name]: options.id };
  throw new FlyteError(
    "invalid_input",
    "--id: the id is a part of the body that was recorded. Change it in the file.",
  );
}

function unknownEvent(
  provider: string,
  { events, takesAny }: SampleSource,
  event: string | undefined,
): FlyteError {
  const known = `${events.join(", ")}${takesAny ? " and others like them" : ""}`;
  const problem =
    event === undefined
      ? "Say which event to send"
      : `There is no payload for the event ${JSON.stringify(event)}`;
  return new FlyteError(
    "invalid_input",
    `${problem}. For ${provider} there are ${known}; with --payload FILE it may be any.`,
  );
}

/** The options of the scheme alone, for the providers that have a choice. */
function signingOptions(options: SendOptions): SigningOptions {
  const { signatureHeader, algorithm, encoding, prefix, timestampHeader, typeHeader, signed } =
    options;
  const { idHeader: id } = options;
  const given = {
    signatureHeader,
    algorithm,
    encoding,
    prefix,
    timestampHeader,
    idHeader: id,
    typeHeader,
    signed,
  };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  // The same object without what is not given.
  return Object.fromEntries(entries) as SigningOptions;
}

async function save(
  file: string,
  provider: HookProvider,
  request: DeliveryRequest,
  at: Date,
): Promise<void> {
  const recorded = recordDelivery(provider, toRawDelivery(request, at));
  const text = `${JSON.stringify(recorded, undefined, 2)}\n`;
  // For its owner alone, as those that a hook records: payloads may be anybody's.
  await writeFile(file, text, { mode: 0o600 }).catch((error: unknown) => {
    const reason = error instanceof Error && "code" in error ? error.code : "unknown error";
    const message = `--save ${file}: the file cannot be written (${reason}).`;
    throw new FlyteError("invalid_input", message, { cause: error });
  });
}

type Description = Pick<SentDelivery, "event" | "id" | "fault">;

function describe(
  provider: HookProvider,
  request: DeliveryRequest,
  at: Date,
  asked: string | undefined,
): Description {
  const reading = provider.read(toRawDelivery(request, at));
  if (reading.kind === "event") {
    const { type, id = null } = reading.event;
    // A scheme of one's own need not say what happened.
    const event = type === "delivery" ? (asked ?? type) : type;
    return { event, id, fault: undefined };
  }
  if (reading.kind === "answer") return { event: reading.what, id: null, fault: undefined };
  return { event: null, id: null, fault: reading.reason };
}
