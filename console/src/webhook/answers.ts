import { isJsonObject, type JsonObject, type JsonValue } from "../../../src/shared/json.ts";
import {
  type Read,
  readFlag,
  readList,
  readMaybe,
  readNumber,
  readObject,
  readText,
} from "./read-value.ts";

/** A list of what callers may name; undefined allows everything, an empty one nothing. */
export type Allowlist = readonly string[] | undefined;

const readAllowlist: Read<Allowlist> = readMaybe(readList(readText));

const readEndpoint = readObject({
  name: readText,
  group: readText,
  method: readText,
  path: readText,
});
export type EndpointInfo = ReturnType<typeof readEndpoint>;

const readHook = readObject({
  name: readText,
  path: readText,
  provider: readText,
  events: readMaybe(readList(readText)),
  actsAs: readText,
  /** Whom the control plane takes it for, as far as the caller may know. */
  subject: readMaybe(readText),
  keepsPayloads: readFlag,
});
export type HookInfo = ReturnType<typeof readHook>;

/** What a webhook says of itself. */
export const readWebhookInfo = readObject({
  name: readText,
  version: readText,
  endpoints: readList(readEndpoint),
  endpointsOff: readList(readObject({ name: readText, group: readText })),
  allowlists: readObject({
    task: readAllowlist,
    trigger: readAllowlist,
    app: readAllowlist,
    build: readAllowlist,
    prefetch: readAllowlist,
  }),
  runScope: readText,
  runOptions: readList(readText),
  hooks: readList(readHook),
  audit: readFlag,
  idempotency: readFlag,
  inspector: readFlag,
});
export type WebhookInfo = ReturnType<typeof readWebhookInfo>;

const readStep = readObject({ rule: readText, outcome: readText, detail: readText });
export type DecisionStep = ReturnType<typeof readStep>;

/** Whether a caller gets past, and by which rule. */
export const readDecision = readObject({
  allowed: readFlag,
  rule: readText,
  detail: readText,
  steps: readList(readStep),
});
export type Decision = ReturnType<typeof readDecision>;

const readPlacedRun = readObject({
  project: readText,
  domain: readText,
  name: readText,
});

const readDelivery = readObject({
  hook: readText,
  receivedAt: readText,
  requestId: readText,
  verdict: readText,
  status: readNumber,
  durationMs: readNumber,
  reason: readMaybe(readText),
  id: readMaybe(readText),
  type: readMaybe(readText),
  run: readMaybe(readPlacedRun),
  body: readMaybe(readText),
  /** The request of the delivery that it repeats. */
  replayOf: readMaybe(readText),
  canReplay: readFlag,
});
/** A delivery that came to a hook. */
export type Delivery = ReturnType<typeof readDelivery>;

export const readDeliveries = readObject({ deliveries: readList(readDelivery) });

/** What a hook answered to a delivery that was given to it again. */
export const readReplay = readObject({
  status: readNumber,
  verdict: readText,
  /** The id that it had. */
  delivery: readMaybe(readText),
  run: readMaybe(readObject({ name: readText, url: readText })),
  reason: readMaybe(readText),
  /** Says so where it is not what came, as secrets were taken out of it. */
  masked: readMaybe(readText),
});
export type Replay = ReturnType<typeof readReplay>;

const readAnyObject: Read<JsonObject> = (value, at) => {
  readObject({})(value, at);
  return isJsonObject(value) ? value : {};
};

/** Lines of the audit log as they are written, the newest first, and where older ones begin. */
export const readAuditPage = readObject({
  lines: readList(readAnyObject),
  next: readMaybe(readNumber),
  /** True where the rest could not be read. */
  incomplete: readMaybe(readFlag),
});
export type AuditPage = ReturnType<typeof readAuditPage>;

/** Reads an answer from its beginning. */
export function readAnswer<T>(read: Read<T>, value: JsonValue): T {
  return read(value, "");
}
