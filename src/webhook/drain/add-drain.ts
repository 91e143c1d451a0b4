import type { ServerResponse } from "node:http";
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

/** How long a kept connection has to be without a request before it is closed under its caller. */
const quietMs = 20;
/** How long that is waited for. */
const longestQuietMs = 250;
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
    await untilQuiet(connections);
    // What has reached this machine by now is read before the server closes.
    await turn();
    // A connection whose request ends while closing would otherwise be kept open and hold it up.
    server.keepAliveTimeout = 1;
    const looking = setInterval(() => connections.cutUnfinished(), closeGraceMs).unref();
    server.once("close", () => clearInterval(looking));
  });
}

/** Waits, unless there is a hurry. */
async function pause(ms: number, hurry: AbortSignal): Promise<void> {
  if (ms > 0) await delay(ms, undefined, { signal: hurry }).catch(() => undefined);
}

/** Callers that send one request after the other would otherwise meet a connection that closes. */
async function untilQuiet(connections: OpenConnections): Promise<void> {
  const until = performance.now() + longestQuietMs;
  for (;;) {
    const leftMs = Math.min(connections.quietIn(quietMs), until - performance.now());
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
