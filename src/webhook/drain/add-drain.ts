import type { ServerResponse } from "node:http";
import { Server as NetServer } from "node:net";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import type { FastifyInstance, FastifyReply } from "fastify";
import { sendProblem } from "../problem.ts";
import { lifecycleOf } from "../ready/lifecycle.ts";
import type { ResolvedOptions } from "../resolve-options.ts";
import { OpenConnections } from "./open-connections.ts";

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
const quietMs = { idle: 20, loaded: 250 } as const;
/** From so many connections in use on. */
const loadedFrom = 4;
/** How long that is waited for. */
const longestQuietMs = 1_000;
/** How long the last answers have to get out. */
const flushMs = 250;

/**
 * Makes `close` answer every request that was accepted, within a time: it is not ready from then on, each answer
 * closes its connection, callers get time to notice, and what runs at the end of the time is answered 503.
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
  const cutIn = (ms: number): void => {
    clearTimeout(cutting);
    cutting = setTimeout(cut, ms);
  };
  app.decorate("drainWithin", (mostMs) => {
    timeoutMs = Math.min(timeoutMs, mostMs);
    if (cutting === undefined) return;
    cutIn(mostMs);
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
  const cut = (): void => {
    connections.cutRunning((response) => {
      const reply = replies.get(response);
      if (reply === undefined || reply.sent) return false;
      sendStopped(reply);
      return true;
    });
    setTimeout(() => server.closeAllConnections(), flushMs).unref();
  };
  app.addHook("preClose", async () => {
    if (!lifecycle.end()) return;
    cutIn(timeoutMs);
    server.once("close", () => clearTimeout(cutting));
    await pause(Math.min(drainDelayMs, timeoutMs / 2), hurry.signal);
    await untilAllTaken(connections);
    // As opposed to that of an HTTP server, this leaves open what has been taken.
    NetServer.prototype.close.call(server);
    await untilQuiet(connections);
    // A connection whose request ends while closing would otherwise be kept open and hold it up.
    server.keepAliveTimeout = 1;
    const looking = setInterval(() => connections.cutUnfinished(), closeGraceMs).unref();
    server.once("close", () => clearInterval(looking));
  });
}

/** Takes the connections that have reached this machine by now: Node.js takes one at a turn. */
async function untilAllTaken(connections: OpenConnections): Promise<void> {
  const until = performance.now() + longestQuietMs;
  for (let taken = -1; taken !== connections.taken && performance.now() < until; ) {
    taken = connections.taken;
    await turn();
  }
}

/** Waits, unless there is a hurry. */
async function pause(ms: number, hurry: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal: hurry }).catch(() => undefined);
}

/** Callers that send one request after the other would otherwise meet a connection that closes. */
async function untilQuiet(connections: OpenConnections): Promise<void> {
  const until = performance.now() + longestQuietMs;
  const isLoaded = connections.usedWithin(quietMs.loaded) >= loadedFrom;
  for (;;) {
    const quiet = connections.quietIn(isLoaded ? quietMs.loaded : quietMs.idle);
    const leftMs = Math.min(quiet, until - performance.now());
    if (leftMs <= 0) return;
    await delay(leftMs);
  }
}

function sendStopped(reply: FastifyReply): void {
  sendProblem(reply, {
    code: "draining",
    detail: "The webhook is stopped before this was done. It may have taken effect.",
    headers: { "retry-after": "1", connection: "close" },
  });
}
