import { FlyteError } from "../../shared/errors.ts";
import type { JsonValue } from "../../shared/json.ts";
import { compileEventFilter } from "./event-filter.ts";
import type { Hook, HookDecision } from "./hook.ts";
import type { HookEvent, HookProvider, RawDelivery } from "./provider.ts";
import { bodyOf, parseRecordedDelivery, type RecordedDelivery } from "./recorded-delivery.ts";

/** A request as `fetch` takes it. */
export interface DeliveryRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** What became of a recorded delivery. */
export interface ReplayedDelivery {
  /** The request, signed anew: send it to a webhook that runs, or leave it. */
  readonly request: DeliveryRequest;
  /** What the hook reads of it; undefined for what is no event, such as GitHub's `ping`. */
  readonly event: HookEvent | undefined;
  /** What `start` says; undefined where it starts nothing, and for what is not among the hook's `events`. */
  readonly decision: HookDecision;
}

export interface ReplayOptions {
  /** When the delivery is signed and arrives. @default now */
  readonly at?: Date;
}

/**
 * Signs a recorded delivery with the first secret of a hook and gives it to that hook, without a server and without a
 * control plane. So a delivery that was recorded once tests the mapping from then on.
 *
 * @param recorded what a file holds that `record` of a hook or `flyte-webhook send --save` has written
 * @throws FlyteError `invalid_input` for what is no recorded delivery, or that the hook does not understand
 * @example
 * ```ts
 * const recorded = JSON.parse(await readFile("test/deliveries/push.json", "utf8"));
 * const { decision } = await replayDelivery(hook, recorded);
 * assert.deepEqual(decision, { task: "train.main", inputs: { commit: "6dcb09b5" } });
 * ```
 */
export async function replayDelivery(
  hook: Hook,
  recorded: RecordedDelivery | JsonValue,
  { at = new Date() }: ReplayOptions = {},
): Promise<ReplayedDelivery> {
  const request = signDelivery(hook.from, parseRecordedDelivery(toJson(recorded)), at);
  const reading = hook.from.read(toRawDelivery(request, at));
  if (reading.kind === "answer") return { request, event: undefined, decision: undefined };
  if (reading.kind !== "event") {
    throw new FlyteError(
      "invalid_input",
      `The hook "${hook.name}" does not take the delivery: ${reading.reason}`,
    );
  }
  const { event } = reading;
  const isTaken = compileEventFilter(hook.events)(event.type);
  return { request, event, decision: isTaken ? await hook.start(event) : undefined };
}

/** A recorded delivery with what proves it now. */
export function signDelivery(
  from: HookProvider,
  recorded: RecordedDelivery,
  sentAt: Date,
): DeliveryRequest {
  if (recorded.provider !== from.provider) {
    throw new FlyteError(
      "invalid_input",
      `The delivery is one of ${recorded.provider}, and cannot be one of ${from.provider}.`,
    );
  }
  const body = new Uint8Array(bodyOf(recorded));
  const { method, headers } = recorded;
  return { method, headers: from.sign({ headers, body, sentAt }), body };
}

/** A request as it arrives. */
export function toRawDelivery({ method, headers, body }: DeliveryRequest, at: Date): RawDelivery {
  const byName = new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    method,
    headerNames: [...byName.keys()],
    header: (name) => byName.get(name.toLowerCase()),
    body,
    receivedAt: at.getTime(),
  };
}

/** A recorded delivery is JSON; an interface is not known to be. */
function toJson(recorded: RecordedDelivery | JsonValue): JsonValue {
  return recorded as JsonValue;
}
