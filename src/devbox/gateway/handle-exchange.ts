import { FlyteError } from "../../shared/errors.ts";
import { within } from "../../shared/within.ts";
import type { Lease } from "../apps/app-runtime.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { type Admission, admit } from "./admit.ts";
import { answerProblem } from "./answer-problem.ts";
import { type Exchange, gone, type Outgoing } from "./exchange.ts";
import { forward } from "./forward.ts";
import { toAppHeaders } from "./forwarded-headers.ts";
import { GatewayProblem } from "./problem.ts";
import { readTarget, type Target } from "./read-target.ts";
import type { ReplicaConnections } from "./replica-connections.ts";
import type { GatewayBackend } from "./start-gateway.ts";

/** What requests are answered with. */
export interface ExchangeContext {
  /** Undefined until the devbox is up. */
  readonly backend: GatewayBackend | undefined;
  readonly connections: ReplicaConnections;
  readonly log: DevboxLogger;
}

/** Replicas that are asked for one answer. */
const maxAttempts = 3;

/** How long the runtime has to learn that a replica is gone, before it is asked for another one. */
const retryAfterMs = 250;

/** Answers one request, by an app or in its place. Never rejects. */
export async function handleExchange(exchange: Exchange, context: ExchangeContext): Promise<void> {
  const { request, response } = exchange;
  let app: Admission["app"] | undefined;
  try {
    const target = readTarget(request);
    const { backend } = context;
    if (backend === undefined) throw new GatewayProblem("unavailable", "The devbox is starting.");
    const admission = admit(target.hostname, request, backend);
    app = admission.app;
    await pass(exchange, target, admission, { ...context, backend });
  } catch (error) {
    // Whoever found out ends the connection.
    if (error === gone) return;
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const isExpected = error instanceof GatewayProblem;
    if (!isExpected) context.log.error({ err: error, app: app?.id }, "request to an app failed");
    const internal = "The gateway failed to answer; the log of the devbox says why.";
    answerProblem(
      request,
      response,
      isExpected ? error : new GatewayProblem("internal", internal, { closes: true }),
    );
  }
}

/** Wakes the app, passes the request on, and asks another replica where that is harmless. */
async function pass(
  exchange: Exchange,
  target: Target,
  admission: Admission,
  context: ExchangeContext & { readonly backend: GatewayBackend },
): Promise<void> {
  const { response, abandoned: controller } = exchange;
  const { app } = admission;
  const onClose = (): void => {
    if (!response.writableFinished) controller.abort(gone);
  };
  const onLate = (): void => {
    const detail = `The app did not answer within ${app.requestTimeoutMs / 1000} s.`;
    controller.abort(new GatewayProblem("deadline_exceeded", detail));
  };
  const timer = setTimeout(onLate, Math.min(app.requestTimeoutMs, maxTimerMs));
  response.once("close", onClose);
  try {
    const outgoing = toOutgoing(exchange, target, admission);
    for (let attempt = 1; ; attempt += 1) {
      const lease = await acquire(admission, context.backend, controller.signal);
      if (controller.signal.aborted) lease.release();
      throwIfAborted(controller.signal);
      const ending = await forward(outgoing, lease, {
        connections: context.connections,
        signal: controller.signal,
        onAnswer: () => clearTimeout(timer),
      }).finally(() => lease.release());
      throwIfAborted(controller.signal);
      if (ending.kind === "done") return;
      const { code } = ending.error as NodeJS.ErrnoException;
      context.log.warn({ app: app.id, replica: lease.replica, code, attempt }, "replica broke off");
      if (!ending.again || attempt === maxAttempts) {
        throw new GatewayProblem("bad_gateway", "The app ended the connection without an answer.");
      }
      await within(aborted(lease.ended), retryAfterMs);
    }
  } finally {
    clearTimeout(timer);
    response.off("close", onClose);
  }
}

const maxTimerMs = 2 ** 31 - 1;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw signal.reason;
}

function toOutgoing(exchange: Exchange, target: Target, { caller }: Admission): Outgoing {
  const { request, upgrade } = exchange;
  const { remoteAddress = "unknown", localPort = 0 } = request.socket;
  const origin = { remoteAddress, host: target.host, port: localPort };
  const headers = toAppHeaders(request.rawHeaders, origin, caller);
  if (upgrade !== undefined) headers.push("Connection", "Upgrade", "Upgrade", upgrade.protocol);
  const { "content-length": length } = request.headers;
  if (target.hasBody && length === undefined) headers.push("Transfer-Encoding", "chunked");
  // Without a word on it a body of chunks, if an empty one, would be announced.
  if (!target.hasBody && length === undefined && takesBody(request.method)) {
    headers.push("Content-Length", "0");
  }
  return { ...exchange, target, headers };
}

function takesBody(method = ""): boolean {
  return !["GET", "HEAD", "DELETE", "OPTIONS"].includes(method);
}

/** @throws GatewayProblem for what the runtime says of the app */
async function acquire(
  { app, mayRead }: Admission,
  { runtime }: GatewayBackend,
  signal: AbortSignal,
): Promise<Lease> {
  try {
    return await runtime.acquire(app.id, signal);
  } catch (error) {
    throwIfAborted(signal);
    if (!FlyteError.is(error)) throw error;
    if (error.code === "not_found") {
      const how = `The app ${app.name} of ${app.project}/${app.domain} is stopped. Activate it, for example with POST /app/${app.name}/activate of a webhook there.`;
      throw new GatewayProblem("app_stopped", mayRead() ? how : "This app is not running.");
    }
    if (error.code === "app_failed") {
      throw new GatewayProblem("app_failed", mayRead() ? error.message : "This app cannot start.");
    }
    if (error.code === "exhausted") {
      throw new GatewayProblem(
        "exhausted",
        "Too many requests wait for this app. Try again later.",
      );
    }
    if (error.code === "unavailable") {
      throw new GatewayProblem("unavailable", "This app is ending. Try again later.");
    }
    throw error;
  }
}
