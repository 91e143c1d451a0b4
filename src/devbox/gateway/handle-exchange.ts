import type { DevboxLogger } from "../server/logger.ts";
import { type Admission, admit } from "./admit.ts";
import { answerProblem } from "./answer-problem.ts";
import { type Exchange, gone, type Outgoing } from "./exchange.ts";
import { toAppHeaders } from "./forwarded-headers.ts";
import { Passage } from "./passage.ts";
import { GatewayProblem } from "./problem.ts";
import { readTarget, type Target } from "./read-target.ts";
import type { ReplicaConnections } from "./replica-connections.ts";
import { readRequestId } from "./request-id.ts";
import type { GatewayBackend } from "./start-gateway.ts";

/** What requests are answered with. */
export interface ExchangeContext {
  /** Undefined until the devbox is up. */
  readonly backend: GatewayBackend | undefined;
  readonly connections: ReplicaConnections;
  readonly log: DevboxLogger;
}

/** Answers one request, by an app or in its place. Never throws. */
export function handleExchange(exchange: Exchange, context: ExchangeContext): void {
  const { backend, connections, log } = context;
  const { request } = exchange;
  exchange.id = readRequestId(request);
  let app: Admission["app"] | undefined;
  const onFailure = (error: unknown): void => answerFailure(exchange, error, app?.id, log);
  try {
    const target = readTarget(request);
    if (backend === undefined) throw new GatewayProblem("unavailable", "The devbox is starting.");
    const admission = admit(target.hostname, request, backend);
    app = admission.app;
    const outgoing = toOutgoing(exchange, target, admission);
    new Passage(outgoing, admission, { backend, connections, log, onFailure }).start();
  } catch (error) {
    onFailure(error);
  }
}

function answerFailure(
  exchange: Exchange,
  error: unknown,
  app: number | undefined,
  log: DevboxLogger,
): void {
  const { response } = exchange;
  // Whoever found out ends the connection.
  if (error === gone) return;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const isExpected = error instanceof GatewayProblem;
  if (!isExpected) log.error({ err: error, app, request: exchange.id }, "request to an app failed");
  const internal = "The gateway failed to answer; the log of the devbox says why.";
  const problem = isExpected ? error : new GatewayProblem("internal", internal, { closes: true });
  answerProblem(exchange, problem);
}

function toOutgoing(exchange: Exchange, target: Target, { caller }: Admission): Outgoing {
  const { request, upgrade } = exchange;
  const { remoteAddress = "unknown", localPort = 0 } = request.socket;
  const origin = { remoteAddress, host: target.host, port: localPort };
  const headers = toAppHeaders(request.rawHeaders, origin, caller);
  headers.push("X-Request-Id", exchange.id);
  if (upgrade !== undefined) headers.push("Connection", "Upgrade", "Upgrade", upgrade.protocol);
  const { "content-length": length } = request.headers;
  if (target.hasBody && length === undefined) headers.push("Transfer-Encoding", "chunked");
  // Without a word on it a body of chunks, if an empty one, would be announced.
  if (!target.hasBody && length === undefined && takesBody(request.method)) {
    headers.push("Content-Length", "0");
  }
  return { exchange, target, headers };
}

function takesBody(method = ""): boolean {
  return !["GET", "HEAD", "DELETE", "OPTIONS"].includes(method);
}
