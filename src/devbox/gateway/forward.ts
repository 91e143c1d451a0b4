import { type ClientRequest, request as createRequest, type IncomingMessage } from "node:http";
import type { Lease } from "../apps/app-runtime.ts";
import type { Ending, Outgoing } from "./exchange.ts";
import { passBody } from "./pass-body.ts";
import { cutOff, relayAnswer, relayInformation } from "./relay-answer.ts";
import type { ReplicaConnections } from "./replica-connections.ts";
import { ReplicaSocket } from "./replica-socket.ts";
import { openTunnel } from "./tunnel.ts";

/** Methods that do no harm when they arrive twice. */
const safeMethods = ["GET", "HEAD", "OPTIONS"];

const maxAnswerHeaderBytes = 65_536;

export interface ForwardOptions {
  readonly connections: ReplicaConnections;
  /** Called when an answer begins. */
  readonly onAnswer: () => void;
  /** Called once, when all is over, the tunnel of an upgrade included. */
  readonly onEnd: (ending: Ending) => void;
}

/**
 * Passes a request on to a replica and its answer back, neither of them buffered. It ends with its
 * exchange. Of the body nothing is read before the replica is connected.
 */
export function forward(outgoing: Outgoing, lease: Lease, options: ForwardOptions): void {
  const { exchange, target } = outgoing;
  const { request, response, upgrade } = exchange;
  const { onAnswer, onEnd } = options;
  let answer: IncomingMessage | undefined;
  let isEnded = false;
  const upstream = open(outgoing, lease, options.connections);
  const finish = (ending: Ending): void => {
    if (isEnded) return;
    isEnded = true;
    exchange.onOver(undefined);
    if (!upstream.destroyed && !upstream.writableFinished) upstream.destroy();
    // An answer can be complete before the request is; the connection is read on to the next one.
    if (answer !== undefined && target.hasBody && !request.complete) {
      request.removeAllListeners("data").resume();
    }
    onEnd(ending);
  };
  const fail = (error: NodeJS.ErrnoException): void => {
    if (answer !== undefined) return;
    const isSafe = !target.hasBody && safeMethods.includes(request.method ?? "");
    const isUnsent = error.syscall === "connect";
    finish({ kind: "failed", error, again: isUnsent || isSafe });
  };
  const begin = (begun: IncomingMessage): void => {
    answer = begun;
    onAnswer();
  };

  exchange.onOver(() => {
    if (exchange.reason !== undefined) upstream.destroy();
    finish({ kind: "done" });
  });
  upstream.on("information", (information) => relayInformation(information, response));
  upstream.on("response", (begun: IncomingMessage) => {
    // The parser takes any three digits.
    if ((begun.statusCode ?? 0) < 200) {
      upstream.destroy(new Error("The replica answered with a status that HTTP does not have."));
      return;
    }
    begin(begun);
    if (begun.socket instanceof ReplicaSocket) begun.socket.noteKeepAlive(begun.rawHeaders);
    relayAnswer(begun, response, exchange.id);
  });
  if (upgrade !== undefined) {
    upstream.on("upgrade", (begun, socket, head) => {
      begin(begun);
      const side = { answer: begun, socket, head };
      openTunnel(upgrade, response, side, () => finish({ kind: "done" }));
    });
  }
  upstream.on("error", (error) => {
    fail(error);
    if (answer?.complete === false && !response.writableEnded) cutOff(response);
  });
  upstream.once("close", () => fail(new Error("The replica closed the connection.")));
  if (target.hasBody) whenConnected(upstream, () => sendBody(outgoing, upstream));
  else upstream.end();
}

/**
 * What came with the head is parsed before: so that nothing is sent of what is malformed, and a small
 * body goes in one write.
 */
function whenConnected(upstream: ClientRequest, callback: () => void): void {
  upstream.once("socket", (socket) => {
    if (socket.connecting) socket.once("connect", callback);
    else setImmediate(callback);
  });
}

function open(
  { exchange, target, headers }: Outgoing,
  lease: Lease,
  connections: ReplicaConnections,
): ClientRequest {
  const { method = "GET" } = exchange.request;
  const { host, port } = lease;
  const agent =
    exchange.upgrade === undefined ? connections.agentOf(lease) : connections.tunnelAgent;
  const { path } = target;
  return createRequest({
    ...{ host, port, agent, method, path, headers },
    maxHeaderSize: maxAnswerHeaderBytes,
  });
}

/** Starts reading the client's body, into the replica. */
function sendBody({ exchange }: Outgoing, upstream: ClientRequest): void {
  const { request, response, expectsContinue } = exchange;
  if (upstream.destroyed) return;
  if (expectsContinue && !response.headersSent) response.writeContinue();
  passBody(request, upstream);
}
