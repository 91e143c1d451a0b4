import type { RecordedDelivery } from "./recorded-delivery.ts";

/** What became of a delivery. */
export type DeliveryVerdict =
  /** It started a run. */
  | "started"
  /** An earlier one of its id did. */
  | "duplicate"
  /** The hook takes no events of its type, or its mapping starts nothing for it. */
  | "ignored"
  /** The mapping refused it. */
  | "refused"
  /** A question of the provider's, such as a ping. */
  | "answered"
  | "bad_signature"
  | "malformed"
  /** It could not be read, or what it should start could not be started. */
  | "failed";

/** A delivery that came, without what proved it. */
export interface RecentDelivery {
  readonly hook: string;
  readonly receivedAt: Date;
  /** Ties it to the log. */
  readonly requestId: string;
  readonly verdict: DeliveryVerdict;
  /** The HTTP status of the answer. */
  readonly status: number;
  readonly durationMs: number;
  /** Why it was ignored, refused or failed, as far as the sender was told or may know it. */
  readonly reason?: string;
  /** The provider's id; only what was proved has one. */
  readonly id?: string;
  readonly type?: string;
  readonly run?: {
    readonly project: string;
    readonly domain: string;
    readonly name: string;
    readonly url: string;
  };
  /** What came, without secrets of the provider, where the hook keeps payloads and it is not too long. */
  readonly body?: string;
  /** The request id of the delivery that was given to the hook again, where it did not come from outside. */
  readonly replayOf?: string;
}

/** A delivery as it can be given to its hook again. */
export interface KeptDelivery {
  readonly recorded: RecordedDelivery;
  /** The id that it had: its own, or that of an earlier replay. */
  readonly id: string | undefined;
  /** Whether it is not what came, as secrets of the provider were taken out. */
  readonly isMasked: boolean;
}

const mostOfEach = 100;
const longestText = 300;
const longestBody = 64 * 1024;

/** Whether anybody could have sent it: nothing of it was proved. */
function isOfStranger({ verdict, type }: RecentDelivery): boolean {
  return verdict === "bad_signature" || (verdict === "failed" && type === undefined);
}

/** The last deliveries of each hook, in memory; strangers can take half of the places. */
export class RecentDeliveries {
  readonly #byHook = new Map<string, RecentDelivery[]>();
  readonly #kept = new WeakMap<RecentDelivery, KeptDelivery>();

  /**
   * Keeps a delivery, its texts shortened where they are long.
   *
   * @param again - what it takes to give it to the hook again; forgotten where the body is too long to be kept
   */
  add(delivery: RecentDelivery, again?: KeptDelivery): RecentDelivery {
    const kept = this.#byHook.get(delivery.hook) ?? [];
    const short = bounded(delivery);
    kept.push(short);
    if (again !== undefined && short.body !== undefined) this.#kept.set(short, again);
    if (kept.length > mostOfEach) {
      const strangers = kept.filter(isOfStranger).length;
      kept.splice(strangers > mostOfEach / 2 ? kept.findIndex(isOfStranger) : 0, 1);
    }
    this.#byHook.set(delivery.hook, kept);
    return short;
  }

  /** The last 100 of a hook, the newest first. */
  of(hook: string): readonly RecentDelivery[] {
    return [...(this.#byHook.get(hook) ?? [])].reverse();
  }

  /** What it takes to give one of them to the hook again; undefined where that was not kept. */
  keptOf(delivery: RecentDelivery): KeptDelivery | undefined {
    return this.#kept.get(delivery);
  }
}

/** Senders choose ids and types: they are kept as long as people read them. */
function bounded(delivery: RecentDelivery): RecentDelivery {
  const { body, ...rest } = delivery;
  const texts = Object.entries(rest).map(([key, value]) => [
    key,
    typeof value === "string" ? value.slice(0, longestText) : value,
  ]);
  const keeps = body !== undefined && body.length <= longestBody;
  // The same members, some of them shorter.
  return { ...(Object.fromEntries(texts) as RecentDelivery), ...(keeps && { body }) };
}
