import { type ClientRequest, request as createRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Lease } from "../apps/app-runtime.ts";
import type { Ending, Outgoing } from "./exchange.ts";
import { toTrailers } from "./forwarded-headers.ts";
import { cutOff, relayAnswer, relayInformation } from "./relay-answer.ts";
import type { ReplicaConnections } from "./replica-connections.ts";
import { openTunnel } from "./tunnel.ts";

/** Methods that do no harm when they arrive twice. */
const safeMethods = ["GET", "HEAD", "OPTIONS"];

const maxAnswerHeaderBytes = 65_536;

export interface ForwardOptions {
  readonly connections: ReplicaConnections;
  /** Ends it: the client is gone, or the time until an answer is up. */
  readonly signal: AbortSignal;
  /** Called when an answer begins. */
  readonly onAnswer: () => void;
}

/**
 * Passes a request on to a replica and its answer back, neither of them buffered. Resolves when all is
 * over, the tunnel of an upgrade included. Of the body nothing is read before the replica is connected.
 */
export function forward(
  outgoing: Outgoing,
  lease: Lease,
  options: ForwardOptions,
): Promise<Ending> {
  const { request, response, target, upgrade } = outgoing;
  const { signal, onAnswer } = options;
  return new Promise((resolve) => {
    const upstream = open(outgoing, lease, options.connections);
    let isConnected = false;
    let isAnswered = false;
    const finish = (ending: Ending): void => {
      signal.removeEventListener("abort", stop);
      if (!upstream.destroyed && !upstream.writableFinished) upstream.destroy();
      request.unpipe(upstream);
      // An answer can be complete before the request is; the connection is read on to the next one.
      if (isAnswered && !request.complete) request.resume();
      resolve(ending);
    };
    const stop = (): void => {
      upstream.destroy();
      finish({ kind: "done" });
    };
    const fail = (error: Error): void => {
      if (isAnswered) return;
      const isSafe = safeMethods.includes(request.method ?? "") && !target.hasBody;
      finish({ kind: "failed", error, again: !isConnected || isSafe });
    };
    const begin = (): void => {
      isAnswered = true;
      onAnswer();
    };

    upstream.on("socket", (socket) => {
      const onConnect = (): void => {
        isConnected = true;
        sendBody(outgoing, upstream);
      };
      if (socket.connecting) socket.once("connect", onConnect);
      else onConnect();
    });
    upstream.on("information", (information) => relayInformation(information, response));
    upstream.on("response", (answer: IncomingMessage) => {
      // The parser takes any three digits.
      if ((answer.statusCode ?? 0) < 200) {
        upstream.destroy(new Error("The replica answered with a status that HTTP does not have."));
        return;
      }
      begin();
      relayAnswer(answer, response, () => finish({ kind: "done" }));
    });
    if (upgrade !== undefined) {
      upstream.on("upgrade", (answer, socket, head) => {
        begin();
        openTunnel(upgrade, response, { answer, socket, head }, signal, () =>
          finish({ kind: "done" }),
        );
      });
    }
    upstream.on("error", (error) => {
      fail(error);
      if (isAnswered && !response.writableEnded) cutOff(response);
    });
    upstream.once("close", () => fail(new Error("The replica closed the connection.")));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

function open(
  { request, target, headers, upgrade }: Outgoing,
  lease: Lease,
  connections: ReplicaConnections,
): ClientRequest {
  const { host, port } = lease;
  return createRequest({
    host,
    port,
    path: target.path,
    headers,
    ...(request.method === undefined ? {} : { method: request.method }),
    maxHeaderSize: maxAnswerHeaderBytes,
    ...(upgrade === undefined
      ? { agent: connections.agentOf(lease) }
      : // One direction of a tunnel may end before the other.
        { createConnection: () => connect({ host, port, allowHalfOpen: true, noDelay: true }) }),
  });
}

/** Starts reading the client's body, into the replica. */
function sendBody(
  { request, response, target, expectsContinue }: Outgoing,
  upstream: ClientRequest,
) {
  if (!target.hasBody) {
    upstream.end();
    return;
  }
  if (expectsContinue && !response.headersSent) response.writeContinue();
  request.once("end", () => {
    if (upstream.destroyed || upstream.headersSent === false) return;
    upstream.addTrailers(toTrailers(request.rawTrailers));
  });
  request.pipe(upstream);
}
