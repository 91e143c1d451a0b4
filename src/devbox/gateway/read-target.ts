import type { IncomingMessage } from "node:http";
import { parseHost } from "../apps/app-address.ts";
import { connectionOptions, type RawHeaders } from "./forwarded-headers.ts";
import { headerKinds, kindsOf } from "./header-kinds.ts";
import { GatewayProblem } from "./problem.ts";

/** Where a request wants to go, and what of it may be passed on. */
export interface Target {
  /** The `Host` as it was sent. */
  readonly host: string;
  /** Its name, in lower case and without a port. */
  readonly hostname: string;
  /** Path and query, or `*`. */
  readonly path: string;
  readonly hasBody: boolean;
}

const maxHeaders = 200;

/** Headers of which two mean that two readers may read two things. */
const single =
  headerKinds.host |
  headerKinds.contentLength |
  headerKinds.transferEncoding |
  headerKinds.authorization |
  headerKinds.flyteAuthorization;

/** Headers that `Connection` may not take away between the gateway's look at them and the app's. */
const endToEnd = (single & ~headerKinds.transferEncoding) | headerKinds.cookie | headerKinds.expect;

type Request = Pick<IncomingMessage, "method" | "url" | "httpVersion" | "headers" | "rawHeaders">;

/**
 * Reads what the HTTP parser has let through, and refuses what another reader could read differently:
 * an app behind the gateway, or a proxy before it.
 *
 * @throws GatewayProblem that says what is wrong
 */
export function readTarget(request: Request): Target {
  const { method = "", url = "", httpVersion, headers, rawHeaders } = request;
  if (httpVersion !== "1.1" && httpVersion !== "1.0") refuse("The gateway speaks HTTP/1.1.");
  if (method === "TRACE" || method === "CONNECT") {
    throw new GatewayProblem("method_not_allowed", `${method} is not passed on to apps.`, {
      closes: true,
    });
  }
  if (rawHeaders.length > 2 * maxHeaders) {
    throw new GatewayProblem(
      "headers_too_large",
      `A request may have at most ${maxHeaders} headers.`,
      { closes: true },
    );
  }
  checkHeaders(rawHeaders);
  const host = headers.host ?? "";
  const address = parseHost(host);
  if (address === undefined)
    refuse("The header Host must be one host name, with or without a port.");
  return {
    host,
    hostname: address.hostname,
    path: readPath(url, method, host),
    hasBody: readFraming(request),
  };
}

function checkHeaders(headers: RawHeaders): void {
  let seen = 0;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] ?? "";
    const kinds = kindsOf(name);
    if ((kinds & seen & single) !== 0) {
      refuse(`The header ${name.toLowerCase()} may be sent once.`);
    }
    seen |= kinds;
  }
  if ((seen & headerKinds.connection) === 0) return;
  for (const option of connectionOptions(headers)) {
    if ((kindsOf(option) & endToEnd) !== 0) refuse(`Connection may not name the header ${option}.`);
  }
}

/** The path of a request target, which may be a whole URL if that is the one of `Host`. */
function readPath(url: string, method: string, host: string): string {
  if (url.includes("#")) refuse("The request target may not have a fragment.");
  if (url.startsWith("/")) return url;
  if (url === "*" && method === "OPTIONS") return url;
  const [, authority, path = ""] = /^http:\/\/([^/?]*)(.*)$/is.exec(url) ?? [];
  if (authority === undefined) refuse("The request target must be a path.");
  if (authority.toLowerCase() !== host.toLowerCase()) {
    refuse("The request target and the header Host name different hosts.");
  }
  return path.startsWith("/") ? path : `/${path}`;
}

/** Protocols in which a client could go on with requests that no longer pass the gateway's checks. */
const httpProtocols = /^(?:h2c?|h3|http\/|tls)/i;

/** Whether an upgrade to these protocols may be passed on; one to a form of HTTP is ignored. */
export function isTunnel(protocols: string): boolean {
  return protocols.split(",").every((one) => !httpProtocols.test(one.trim()));
}

/** Whether a body follows. */
function readFraming({ httpVersion, headers }: Request): boolean {
  const { "transfer-encoding": encoding, "content-length": length, upgrade } = headers;
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== "chunked") refuse("Transfer-Encoding may only be chunked.");
    if (httpVersion !== "1.1") refuse("HTTP/1.0 has no Transfer-Encoding.");
    if (length !== undefined) refuse("Content-Length and Transfer-Encoding exclude each other.");
  }
  if (length !== undefined && !/^(?:0|[1-9]\d{0,14})$/.test(length)) {
    refuse("Content-Length must be a decimal number.");
  }
  const hasBody = encoding !== undefined || (length !== undefined && length !== "0");
  if (hasBody && upgrade !== undefined) refuse("A request for an upgrade may have no body.");
  return hasBody;
}

function refuse(detail: string): never {
  throw new GatewayProblem("invalid_request", detail);
}
