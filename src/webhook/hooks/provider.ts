import type { JsonValue } from "../../shared/json.ts";

/** A request to a hook as it came, before anything of it is believed. */
export interface RawDelivery {
  readonly method: string;
  /** A header's value; undefined when it is absent, and null when it came more than once. */
  header(name: string): string | null | undefined;
  /** The exact bytes that were signed. */
  readonly body: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** An event that a provider has signed. */
export interface HookEvent<Payload = JsonValue> {
  /** `github`, `gitlab`, `slack`, `stripe`, `standard-webhooks`, `cloudevents`, `hmac`. */
  readonly provider: string;
  /** What happened, in the provider's words: `push`, `pull_request.opened`, `invoice.paid`. */
  readonly type: string;
  /** The provider's own id of the delivery, the same when it is sent again; undefined where it has none. */
  readonly id: string | undefined;
  /** When the provider signed it; undefined where it does not say. */
  readonly sentAt: Date | undefined;
  readonly payload: Payload;
  /** Which of the secrets has signed it: its name, or its place from 0. */
  readonly secret: string;
}

/** What a provider makes of a delivery. */
export type DeliveryReading =
  | { readonly kind: "event"; readonly event: HookEvent }
  /** Not an event but a question of the provider's, such as a ping, with what it wants to hear. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: JsonValue | undefined;
      /** For the log and the audit line: `ping`, `url_verification`. */
      readonly what: string;
    }
  /** Not proved to be the provider's. `reason` is for people, and tells nothing that helps to forge. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Proved, but not understood: the body is no JSON, a header of the format is missing. */
  | { readonly kind: "malformed"; readonly reason: string };

/** Who sends deliveries and how they are proved. Pure: holds secrets, asks nobody. */
export interface HookProvider {
  readonly provider: string;
  /** Methods beside POST that deliveries come with, such as OPTIONS for CloudEvents. */
  readonly otherMethods: readonly string[];
  /** Longest time for an answer that the provider waits, in milliseconds. */
  readonly answerWithinMs: number;
  read(delivery: RawDelivery): DeliveryReading;
}
