import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Admission, Admit } from "./admission.ts";
import { bindEvents, scopeOf } from "./bind-events.ts";
import { bindUpgrade } from "./bind-upgrade.ts";
import type { CredentialSource } from "./credential-reader.ts";
import { type CredentialRefusal, toRefusalAnswer } from "./refusal.ts";

/** A listener of `request` of `node:http`; Express and Connect apps are such listeners too. */
export type RequestListener = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A listener of `upgrade` of `node:http`. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => unknown;

/** Where a router has taken a part of the path away, it keeps the whole one as `originalUrl`. */
export function nodeSource(request: IncomingMessage): CredentialSource {
  const { rawHeaders, method = "GET", url = "" } = request;
  const whole = "originalUrl" in request ? request.originalUrl : undefined;
  return { rawHeaders, merged: false, target: typeof whole === "string" ? whole : url, method };
}

/** Runs `proceed` with the caller's credential for all that happens to the request, or answers. */
export function admitRequest<Result>(
  admission: Admission,
  request: IncomingMessage,
  response: ServerResponse,
  proceed: () => Result,
): Result | undefined {
  if (admission.kind === "stopped") {
    const { status, headers, body } = toRefusalAnswer(admission.refusal);
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
    return undefined;
  }
  const scope = scopeOf(admission.metadata);
  bindEvents(request, scope);
  bindEvents(response, scope);
  return scope(proceed);
}

export function wrapRequestListener(listener: RequestListener, admit: Admit): RequestListener {
  return (request, response) => {
    const proceed = (admission: Admission): unknown =>
      admitRequest(admission, request, response, () => listener(request, response));
    const admission = admit(nodeSource(request));
    return admission instanceof Promise ? admission.then(proceed) : proceed(admission);
  };
}

export function wrapUpgradeListener(listener: UpgradeListener, admit: Admit): UpgradeListener {
  return (request, socket, head) => {
    const proceed = (admission: Admission): unknown => {
      if (admission.kind === "stopped") return refuseUpgrade(socket, admission.refusal);
      const scope = scopeOf(admission.metadata);
      bindUpgrade(request, socket, scope);
      return scope(() => listener(request, socket, head));
    };
    const admission = admit(nodeSource(request));
    if (!(admission instanceof Promise)) return proceed(admission);
    // Nobody else listens yet, and an error without a listener would end the process.
    const drop = (): void => void socket.destroy();
    socket.on("error", drop);
    return admission.then((decided) => {
      socket.off("error", drop);
      return socket.destroyed ? undefined : proceed(decided);
    });
  };
}

function refuseUpgrade(socket: Duplex, refusal: CredentialRefusal): void {
  const { status, headers, body } = toRefusalAnswer(refusal);
  const lines = Object.entries({
    ...headers,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}`);
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines].join("\r\n");
  const drop = (): void => void socket.destroy();
  socket.on("error", drop).once("finish", drop);
  socket.end(`${head}\r\n\r\n${body}`);
}
