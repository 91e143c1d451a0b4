import { setTimeout as delay } from "node:timers/promises";
import { problemKinds } from "../../../src/webhook/problem-codes.ts";
import { internals } from "./raw-answer.ts";

export interface SentRequest {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: string;
}

export interface ToldAnswer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in an answer
  readonly body: any;
}

/** A second of a `Retry-After` lasts so long here. */
const secondMs = 20;
const passing = new Set([409, 429, 502, 503, 504]);
const promisesTime = new Set([409, 429, 503]);

/** Sends requests as a good client does, and notes each answer that is not as documented. */
export class GoodClient {
  /** What was wrong with answers. */
  readonly faults: string[] = [];
  /** Requests that were answered. */
  answered = 0;
  readonly #keys: readonly string[];

  /** @param keys - credentials that must be in no answer */
  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  async once(url: string, { method, path, headers = {}, body }: SentRequest): Promise<ToldAnswer> {
    const response = await fetch(`${url}${path}`, {
      method: method ?? (body === undefined ? "GET" : "POST"),
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    this.answered += 1;
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    const told = {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
    for (const fault of this.#faultsOf(told, text)) {
      this.faults.push(`${path}: ${fault}: ${response.status} ${text.slice(0, 300)}`);
    }
    return told;
  }

  /** Repeats what may go better another time. The last answer, good or bad. */
  async patiently(
    url: () => string,
    request: SentRequest,
    tries = 6,
  ): Promise<readonly ToldAnswer[]> {
    const answers: ToldAnswer[] = [];
    for (let left = tries; left > 0; left -= 1) {
      const answer = await this.once(url(), request);
      answers.push(answer);
      if (!passing.has(answer.status)) break;
      const seconds = Number(answer.headers.get("retry-after") ?? 1);
      await delay(Math.min(seconds, 5) * secondMs);
    }
    return answers;
  }

  #faultsOf({ status, headers, body }: ToldAnswer, text: string): readonly string[] {
    const faults: string[] = [];
    if (text.includes(internals)) faults.push("tells internals");
    if (this.#keys.some((key) => text.includes(key))) faults.push("tells a credential");
    if (status < 400) return faults;
    if (status === 500) faults.push("blames the webhook");
    if (headers.get("content-type") !== "application/problem+json")
      return [...faults, "no problem"];
    const kind = Object.hasOwn(problemKinds, body.code)
      ? problemKinds[body.code as keyof typeof problemKinds]
      : undefined;
    if (kind?.status !== status) faults.push("a code that is not documented for the status");
    const isTimed = /^[1-9]\d*$/.test(headers.get("retry-after") ?? "");
    if (promisesTime.has(status) && body.code !== "conflict" && !isTimed) {
      faults.push("no Retry-After");
    }
    return faults;
  }
}
