import type { ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { lifecycleOf } from "../ready/lifecycle.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { answerStopped, answerUnfinished } from "./answer-stopped.ts";
import { OpenConnections } from "./open-connections.ts";
import { takeWaiting } from "./take-waiting.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Makes `close` take no longer than this, in milliseconds; also one that is under way. */
    drainWithin?: (timeoutMs: number) => void;
  }
}

/**
 * How long a kept connection has to be without a request before it is closed under its caller: longer under load,
 * when callers are, too, and the next request is probably on its way.
 */
const quietMs = { idle: 20, loaded: 1_000 } as const;
/** From so many connections in use on. */
const loadedFrom = 4;
/** Within so many milliseconds. */
const loadedWithinMs = 250;
/** How long that is waited for. */
const longestQuietMs = 2_000;
/** How long the last answers have to get out, and lines to be written, before the end of the time. */
const lastWordsMs = 2_000;
/** How much of that is for answers. */
const flushMs = 500;

/**
 * Makes `close` answer every request that was accepted, within a time: it is not ready from then on, each answer
 * closes its connection, callers get time to notice, and what runs near the end of the time is answered 503.
 */
export function addDrain(app: FastifyInstance, options: ResolvedOptions): void {
  const { server } = app;
  const { drainDelayMs, closeGraceMs } = options;
  let timeoutMs = options.drainTimeoutMs;
  const lifecycle = lifecycleOf(options);
  const connections = new OpenConnections(server);
  const replies = new WeakMap<ServerResponse, FastifyReply>();
  const hurry = new AbortController();
  let cutting: NodeJS.Timeout | undefined;
  const endWithin = (ms: number): void => {
    lifecycle.endWithin(ms);
    const lastMs = Math.min(lastWordsMs, ms / 3);
    clearTimeout(cutting);
    cutting = setTimeout(cut, ms - lastMs, Math.min(flushMs, lastMs / 2));
  };
  app.decorate("drainWithin", (mostMs) => {
    timeoutMs = Math.min(timeoutMs, mostMs);
    if (cutting === undefined) return;
    endWithin(mostMs);
    hurry.abort();
  });
  app.addHook("onListen", (done) => {
    lifecycle.begin();
    done();
  });
  app.addHook("onRequest", (_request, reply, done) => {
    replies.set(reply.raw, reply);
    done();
  });
  app.addHook("onSend", (_request, reply, _payload, done) => {
    // Its caller would send the next request on a connection that is about to close.
    if (lifecycle.state === "draining") reply.header("connection", "close");
    done();
  });
  const answerBy =
    (answer: (reply: FastifyReply) => void) =>
    (response: ServerResponse): boolean => {
      const reply = replies.get(response);
      if (reply === undefined || reply.sent) return false;
      answer(reply);
      return true;
    };
  const cut = (mostMs: number): void => {
    hurry.abort();
    connections.cutRunning(answerBy(answerStopped));
    setTimeout(() => server.closeAllConnections(), mostMs).unref();
  };
  app.addHook("preClose", async () => {
    if (!lifecycle.end()) return;
    endWithin(timeoutMs);
    server.once("close", () => clearTimeout(cutting));
    await pause(Math.min(drainDelayMs, timeoutMs / 2), hurry.signal);
    await takeWaiting(() => connections.taken);
    // As opposed to that of an HTTP server, this leaves open what has been taken.
    NetServer.prototype.close.call(server);
    await untilQuiet(connections, hurry.signal);
    // A connection whose request ends while closing would otherwise be kept open and hold it up.
    server.keepAliveTimeout = 1;
    const cutUnfinished = (): void => connections.cutUnfinished(answerBy(answerUnfinished));
    const looking = setInterval(cutUnfinished, closeGraceMs).unref();
    server.once("close", () => clearInterval(looking));
  });
}

/** Waits, unless there is a hurry. */
async function pause(ms: number, hurry: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal: hurry }).catch(() => undefined);
}

/**
 * Callers that send one request after the other would otherwise meet a connection that closes. After the last wait
 * what has arrived is read before anything is closed.
 */
async function untilQuiet(connections: OpenConnections, hurry: AbortSignal): Promise<void> {
  const until = performance.now() + longestQuietMs;
  const isLoaded = connections.usedWithin(loadedWithinMs) >= loadedFrom;
  while (!hurry.aborted) {
    const quiet = connections.quietIn(isLoaded ? quietMs.loaded : quietMs.idle);
    const leftMs = Math.min(quiet, until - performance.now());
    if (leftMs <= 0) break;
    await pause(leftMs, hurry);
  }
  await takeWaiting(() => connections.asked);
}
