import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import type { Deadlines, Expirable } from "./deadlines.ts";

/** A whole HTTP answer. */
export interface UnaryAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/** How far a request had come when its exchange failed. */
export type Progress = "waiting" | "sent" | "answering" | "done";

/** Why an exchange ended without a whole answer. */
export interface ExchangeFailure {
  readonly reason: "timeout" | "aborted" | "too-large" | "connection";
  readonly progress: Progress;
  readonly cause: unknown;
}

export interface UnaryExchangeOptions {
  /** Point of `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
  readonly maxBytes: number;
  readonly deadlines: Deadlines;
  onAnswer(answer: UnaryAnswer): void;
  onFailure(failure: ExchangeFailure): void;
}

/**
 * One request and its answer on a connection of the pool. Calls exactly one of `onAnswer` and
 * `onFailure`, once, and then holds on to neither the signal nor the deadline.
 */
export class UnaryExchange implements Dispatcher.DispatchHandler, Expirable {
  readonly deadline: number;
  readonly #options: UnaryExchangeOptions;
  #controller: Dispatcher.DispatchController | undefined;
  #progress: Progress = "waiting";
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #settled = false;

  constructor(options: UnaryExchangeOptions) {
    this.#options = options;
    this.deadline = options.deadline;
    options.deadlines.add(this);
    options.signal?.addEventListener("abort", this);
  }

  handleEvent(): void {
    this.#stop("aborted", this.#options.signal?.reason);
  }

  expire(): void {
    this.#stop("timeout", undefined);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Stopped while it waited for a connection: nothing must be sent.
    if (this.#settled) controller.abort(new Error("stopped before it was sent"));
    else this.#progress = "sent";
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    this.#progress = "answering";
    this.#status = status;
    this.#headers = headers;
    if (Number(headers["content-length"] ?? 0) > this.#options.maxBytes) {
      this.#stop("too-large", undefined);
    }
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#settled) return;
    this.#bytes += chunk.byteLength;
    if (this.#bytes > this.#options.maxBytes) this.#stop("too-large", undefined);
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settle()) return;
    const [only] = this.#chunks;
    const body =
      only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    this.#options.onAnswer({ status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.#stop("connection", cause);
  }

  #stop(reason: ExchangeFailure["reason"], cause: unknown): void {
    const progress = this.#progress;
    if (!this.#settle()) return;
    if (reason !== "connection") this.#controller?.abort(new Error(reason));
    this.#options.onFailure({ reason, progress, cause });
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#progress = "done";
    this.#options.deadlines.delete(this);
    this.#options.signal?.removeEventListener("abort", this);
    return true;
  }
}
