import type { JsonObject } from "../../shared/json.ts";
import { stringifyJson } from "../../shared/json.ts";
import type { HookProvider } from "../../webhook/hooks/provider.ts";

/** What `send` is told about a delivery. */
export interface SampleRequest {
  /** What happened, as hooks name it: `push`, `pull_request.opened`. */
  readonly event: string;
  /** The payload to send; undefined for one of ours. */
  readonly payload: JsonObject | undefined;
  readonly id: string;
  readonly at: Date;
}

/** A delivery before it is signed. */
export interface SampleDelivery {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How a provider's deliveries are signed beside the secret; only some have a choice. */
export interface SigningOptions {
  readonly signatureHeader?: string;
  readonly algorithm?: "sha256" | "sha512";
  readonly encoding?: "hex" | "base64";
  readonly prefix?: string;
  readonly timestampHeader?: string;
  readonly idHeader?: string;
  readonly typeHeader?: string;
  readonly signed?: string;
}

/** Deliveries that look like those of a provider. */
export interface SampleSource {
  /** Events that there is a payload for. */
  readonly events: readonly string[];
  /** Whether all other events have a payload, too. */
  readonly takesAny: boolean;
  /** A new id, as the provider writes it. */
  createId(): string;
  /** Undefined for an event without a payload. */
  deliver(request: SampleRequest, options: SigningOptions): SampleDelivery | undefined;
  /** The header with the id, where it is one. */
  idHeader(options: SigningOptions): string | undefined;
  provider(secret: string, options: SigningOptions): HookProvider;
}

/** A delivery of JSON. */
export function jsonDelivery(
  payload: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): SampleDelivery {
  const body = stringifyJson(payload);
  return { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
}

/** A commit that nobody has made. */
export const commitId = "6dcb09b5b57875f334f61aebed695e2e4193db5e";
export const earlierCommitId = "9049f1265b7d61be4a8904a9a27120d2064dab3b";
export const zeroCommitId: string = "0".repeat(40);
