import type { Socket } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { within } from "../../shared/within.ts";
import type { Lifecycle } from "../ready/lifecycle.ts";
import { clientAddress } from "../trusted-proxies.ts";
import { allow } from "./decide.ts";
import { newRecord, type Refusal, type RequestObserver } from "./request-record.ts";

/** How long `close` waits for the work of callers that have gone, in milliseconds. */
const lastWorkMs = 10_000;

/** What proxies note for a caller that did not wait. */
const leftStatus = 499;

/** What is known of a request that is not over. */
interface Open {
  /** Whether its answer is being sent, or was handed to someone else. */
  isSending: boolean;
  /** Whether its caller has gone before an answer. */
  isLeft: boolean;
  readonly since: number;
  /** How long it took, once that is known. */
  durationMs?: number;
  end(): void;
}

/**
 * Tells observers of each request once, when it is over: its answer is out, or its caller has gone and what
 * was begun for it has ended. So what a request did is known also where nobody read the answer.
 */
export class RequestWatch {
  #observers: readonly RequestObserver[] = [];
  readonly #open = new Map<FastifyRequest, Open>();
  /** One listener for each connection, however many requests wait on it. */
  readonly #ofSockets = new WeakMap<Socket, Set<() => void>>();
  #whenIdle: (() => void) | undefined;

  /** Watches all requests of an app, from before the hooks that are added later. */
  watch(app: FastifyInstance): void {
    app.addHook("onRequest", (request, reply, done) => {
      if (this.#observers.length > 0) this.#begin(request, reply);
      done();
    });
    app.addHook("onSend", (request, _reply, _payload, done) => {
      const open = this.#open.get(request);
      if (open !== undefined) {
        open.isSending = true;
        if (open.isLeft) setImmediate(() => open.end()); // after the other hooks
      }
      done();
    });
  }

  /** Tells these from now on. They are told of the last request before hooks that were added earlier close them. */
  tell(
    app: FastifyInstance,
    observers: readonly (RequestObserver | undefined)[],
    lifecycle: Pick<Lifecycle, "leftMs">,
  ): void {
    this.#observers = observers.filter((observer) => observer !== undefined);
    app.addHook("onClose", async () => {
      if (this.#open.size === 0) return;
      const idle = new Promise<void>((resolve) => (this.#whenIdle = resolve));
      // The rest of what is left is for what observers do then.
      await within(idle, Math.min(lastWorkMs, lifecycle.leftMs * 0.75));
      for (const open of [...this.#open.values()]) open.end();
    });
  }

  /** Watches a request that no hook sees, as the router could not read its target. */
  observeUnroutable(request: FastifyRequest, reply: FastifyReply): void {
    request.record = newRecord();
    if (this.#observers.length === 0) return;
    this.#begin(request, reply);
    const open = this.#open.get(request);
    if (open !== undefined) open.isSending = true;
  }

  /** Tells of what was no request. */
  refused(refusal: Refusal): void {
    for (const observer of this.#observers) observer.refused?.(refusal);
  }

  #begin(request: FastifyRequest, reply: FastifyReply): void {
    const open: Open = {
      isSending: false,
      isLeft: false,
      since: performance.now(),
      end: () => {
        if (!this.#open.delete(request)) return;
        this.#tell(request, reply, open);
        if (this.#open.size === 0) this.#whenIdle?.();
      },
    };
    this.#open.set(request, open);
    request.record.client = clientAddress(request);
    for (const observer of this.#observers) observer.requestBegan?.(request);
    const hijack = reply.hijack;
    reply.hijack = () => {
      open.isSending = true;
      if (open.isLeft) setImmediate(() => open.end());
      return hijack.call(reply);
    };
    const onClose = (): void => {
      if (!forget()) return;
      open.isLeft = !reply.raw.headersSent;
      if (!reply.raw.writableFinished && !open.isSending) return;
      open.durationMs = performance.now() - open.since;
      const { starts } = request.record;
      // It was answered before it was known whether there is a run.
      if (starts.underWay > 0) void starts.settled().then(open.end);
      else open.end();
    };
    const forget = this.#onSocketClose(request.raw.socket, onClose);
    reply.raw.once("close", onClose);
  }

  /**
   * Calls back once a connection is closed, which answers that wait for one before them on it are not told.
   *
   * @returns takes that back; false when it was done already
   */
  #onSocketClose(socket: Socket, act: () => void): () => boolean {
    const known = this.#ofSockets.get(socket);
    const acts = known ?? new Set();
    if (known === undefined) {
      this.#ofSockets.set(socket, acts);
      socket.once("close", () => {
        for (const one of acts) one();
      });
    }
    acts.add(act);
    return () => acts.delete(act);
  }

  #tell(request: FastifyRequest, reply: FastifyReply, open: Open): void {
    const { isLeft, since, durationMs = performance.now() - since } = open;
    const { record } = request;
    const status = isLeft ? leftStatus : reply.statusCode;
    if (record.decision === undefined && record.endpoint !== undefined && status < 400) {
      allow(record, request.authMetadata === null ? "public" : "noAllowlist");
    }
    const outcome = {
      status,
      durationMs,
      aborted: isLeft || !reply.raw.writableFinished,
    };
    for (const observer of this.#observers) observer.requestEnded(request, outcome);
  }
}
