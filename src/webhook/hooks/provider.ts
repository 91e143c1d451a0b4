import type { JsonValue } from "../../shared/json.ts";

/** A request to a hook as it came, before anything of it is believed. */
export interface RawDelivery {
  readonly method: string;
  /** The names of its headers, in any case. */
  readonly headerNames: readonly string[];
  /** A header's value by its name in any case; undefined when it is absent, and null when it came more than once. */
  header(name: string): string | null | undefined;
  /** The exact bytes that were signed. */
  readonly body: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** An event that a provider has signed. */
export interface HookEvent<Payload = JsonValue, Type extends string = string> {
  /** `github`, `gitlab`, `slack`, `stripe`, `standard-webhooks`, `cloudevents`, `hmac`. */
  readonly provider: string;
  /** What happened, in the provider's words: `push`, `pull_request.opened`, `invoice.paid`. */
  readonly type: Type;
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

/** What came of an event, for those who answer in the provider's words. */
export type HookOutcome =
  | {
      readonly kind: "started";
      readonly run: string;
      /** Where a person sees the run. */
      readonly url: string;
      /** Whether an earlier delivery has started it. */
      readonly existed: boolean;
    }
  /** Not among the `events`, or nothing was to be started. */
  | { readonly kind: "ignored" }
  /** `start` has refused it, with words for people. */
  | { readonly kind: "refused"; readonly reason: string };

/** What is delivered, before it is signed. */
export interface UnsignedDelivery {
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** When it is signed. */
  readonly sentAt: Date;
}

/** Who sends deliveries and how they are proved. Pure: holds secrets, asks nobody. */
export interface HookProvider {
  readonly provider: string;
  /** Methods beside POST that deliveries come with, such as OPTIONS for CloudEvents. */
  readonly otherMethods: readonly string[];
  /** Longest time for an answer that the provider waits, in milliseconds. */
  readonly answerWithinMs: number;
  /** What a delivery is. Never throws, whatever came. */
  read(delivery: RawDelivery): DeliveryReading;
  /**
   * The answer to an event that was taken, where the provider needs one of its own: Slack shows it to the person who
   * has given a command, and takes nothing but 200. Undefined for the answer that hooks give anyhow.
   */
  acknowledge?(
    event: HookEvent,
    outcome: HookOutcome,
  ): { readonly status: number; readonly body: JsonValue | undefined } | undefined;
  /**
   * Where whoever caused the event is told how its run has ended; undefined where nobody is. Absent where the hook tells
   * nobody at all.
   */
  replyTo?(event: HookEvent): string | undefined;
  /**
   * All headers of a delivery, with those that prove it, by the first secret.
   *
   * @throws FlyteError `invalid_config` where the hook can verify but not sign, having a public key only
   */
  sign(delivery: UnsignedDelivery): Readonly<Record<string, string>>;
  /** Whether a header says what was delivered and proves nothing, so that it may be written to a file. */
  mayKeepHeader(name: string): boolean;
  /** The body without what its sender means for us alone (Slack's token and reply address); the body itself otherwise. */
  withoutSecrets(body: Uint8Array): Uint8Array;
}
