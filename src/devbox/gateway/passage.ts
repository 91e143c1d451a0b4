import { FlyteError } from "../../shared/errors.ts";
import { within } from "../../shared/within.ts";
import type { Lease } from "../apps/app-runtime.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { type Admission, mayRead } from "./admit.ts";
import { type Ending, gone, type Outgoing } from "./exchange.ts";
import { forward } from "./forward.ts";
import { GatewayProblem } from "./problem.ts";
import type { ReplicaConnections } from "./replica-connections.ts";
import type { GatewayBackend } from "./start-gateway.ts";

export interface PassageOptions {
  readonly backend: GatewayBackend;
  readonly connections: ReplicaConnections;
  readonly log: DevboxLogger;
  /** Called once if the app does not answer: with a problem, {@link gone}, or what should not happen. */
  readonly onFailure: (error: unknown) => void;
}

/** Replicas that are asked for one answer. */
const maxAttempts = 3;

/** How long the runtime has to learn that a replica is gone, before it is asked for another one. */
const retryAfterMs = 250;

const maxTimerMs = 2 ** 31 - 1;

/**
 * The way of one request to its app and back: wakes the app, passes the request on, and asks another
 * replica where that is harmless. Callbacks, as promises are a good part of what a small request costs.
 */
export class Passage {
  readonly #outgoing: Outgoing;
  readonly #admission: Admission;
  readonly #options: PassageOptions;
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;

  constructor(outgoing: Outgoing, admission: Admission, options: PassageOptions) {
    this.#outgoing = outgoing;
    this.#admission = admission;
    this.#options = options;
  }

  start(): void {
    const { requestTimeoutMs } = this.#admission.app;
    this.#timer = setTimeout(() => this.#late(), Math.min(requestTimeoutMs, maxTimerMs));
    this.#attempt();
  }

  #late(): void {
    const { requestTimeoutMs } = this.#admission.app;
    const detail = `The app did not answer within ${requestTimeoutMs / 1000} s.`;
    this.#outgoing.exchange.end(new GatewayProblem("deadline_exceeded", detail));
  }

  #attempt(): void {
    const { exchange } = this.#outgoing;
    if (exchange.isOver) {
      this.#fail(exchange.reason ?? gone);
      return;
    }
    this.#attempts += 1;
    const lease = this.#options.backend.runtime.lease(this.#admission.app.id);
    if (lease === undefined) void this.#wait();
    else this.#forward(lease);
  }

  async #wait(): Promise<void> {
    const { exchange } = this.#outgoing;
    const { app } = this.#admission;
    const waiting = new AbortController();
    exchange.onOver(() => waiting.abort(exchange.reason ?? gone));
    try {
      const lease = await this.#options.backend.runtime.acquire(app.id, waiting.signal);
      exchange.onOver(undefined);
      if (!exchange.isOver) {
        this.#forward(lease);
        return;
      }
      lease.release();
      this.#fail(exchange.reason ?? gone);
    } catch (error) {
      exchange.onOver(undefined);
      this.#fail(exchange.isOver ? (exchange.reason ?? gone) : this.#explain(error));
    }
  }

  #forward(lease: Lease): void {
    const { connections } = this.#options;
    const onAnswer = (): void => clearTimeout(this.#timer);
    const onEnd = (ending: Ending): void => this.#ended(lease, ending);
    try {
      forward(this.#outgoing, lease, { connections, onAnswer, onEnd });
    } catch (error) {
      lease.release();
      this.#fail(error);
    }
  }

  #ended(lease: Lease, ending: Ending): void {
    lease.release();
    const { reason } = this.#outgoing.exchange;
    if (reason !== undefined) this.#fail(reason);
    else if (ending.kind === "done") clearTimeout(this.#timer);
    else this.#brokenOff(lease, ending);
  }

  #brokenOff(lease: Lease, { error, again }: Ending & { readonly kind: "failed" }): void {
    const { code } = error;
    const { id: request } = this.#outgoing.exchange;
    const { replica } = lease;
    const details = { app: this.#admission.app.id, replica, request, code };
    this.#options.log.warn({ ...details, attempt: this.#attempts }, "replica broke off");
    if (!again || this.#attempts === maxAttempts) {
      const detail = "The app ended the connection without an answer.";
      this.#fail(new GatewayProblem("bad_gateway", detail));
      return;
    }
    const known =
      code === "ECONNREFUSED" ? lease.refused() : within(aborted(lease.ended), retryAfterMs);
    known.then(() => this.#attempt()).catch((thrown: unknown) => this.#fail(thrown));
  }

  #fail(error: unknown): void {
    clearTimeout(this.#timer);
    this.#options.onFailure(error);
  }

  /** What the runtime says of the app, in words for who called. */
  #explain(error: unknown): unknown {
    if (!FlyteError.is(error)) return error;
    const { app } = this.#admission;
    const isReader = (): boolean =>
      mayRead(this.#admission, this.#outgoing.exchange.request, this.#options.backend);
    if (error.code === "not_found") {
      const how = `The app ${app.name} of ${app.project}/${app.domain} is stopped. Activate it, for example with POST /app/${app.name}/activate of a webhook there.`;
      return new GatewayProblem("app_stopped", isReader() ? how : "This app is not running.");
    }
    if (error.code === "app_failed") {
      return new GatewayProblem(
        "app_failed",
        isReader() ? error.message : "This app cannot start.",
      );
    }
    if (error.code === "exhausted") {
      const detail = "Too many requests wait for this app. Try again later.";
      return new GatewayProblem("exhausted", detail);
    }
    if (error.code === "unavailable") {
      return new GatewayProblem("unavailable", "This app is ending. Try again later.");
    }
    return error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
