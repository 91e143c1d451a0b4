import type { LookupFunction } from "node:net";
import { Agent } from "undici";
import { type AddressRules, guardedConnector } from "./guarded-lookup.ts";
import { readRetryAfter } from "./retry-delay.ts";

/** What came of one attempt. `reason` is for the log and tells nothing of the address but what its host is known for. */
export type AttemptResult =
  | { readonly kind: "delivered" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string; readonly retryAfterMs: number | undefined };

/** One attempt to tell somebody. */
export interface Attempt {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Answers after which there is no use in trying again. */
  readonly isFinal: (status: number) => boolean;
  readonly signal: AbortSignal;
}

/** How many connections to one host there are at most. */
export const mostOfHost = 4;

/**
 * Posts to addresses that strangers have named: over a connection of its own each time, whose address was judged when it was
 * dialled; by no proxy, with no cookie and no credential; redirects are not followed, and of answers only the head is read.
 */
export class NoticeSender {
  readonly #agent: Agent;
  readonly #timeoutMs: number;

  constructor(rules: AddressRules, timeoutMs: number, lookup?: LookupFunction) {
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({
      connect: guardedConnector(rules, timeoutMs, lookup),
      pipelining: 0,
      connections: mostOfHost,
      // The signal is the only limit.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async send({ url, headers, body, isFinal, signal }: Attempt): Promise<AttemptResult> {
    const { origin, pathname, search } = new URL(url);
    try {
      const answer = await this.#agent.request({
        origin,
        path: `${pathname}${search}`,
        method: "POST",
        headers: { ...headers },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
      });
      answer.body.on("error", () => undefined).destroy();
      const { statusCode: status } = answer;
      if (status >= 200 && status < 300) return { kind: "delivered" };
      const reason = `status ${status}`;
      if (isFinal(status)) return { kind: "refused", reason };
      const after = answer.headers["retry-after"];
      return { kind: "failed", reason, retryAfterMs: readRetryAfter(after, Date.now()) };
    } catch (error) {
      return { kind: "failed", reason: reasonOf(error), retryAfterMs: undefined };
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** Codes and names are a closed set; messages may quote the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
