import { FlyteError } from "../shared/errors.ts";

export interface ParseEndpointOptions {
  /**
   * Whether an endpoint without `http://` or `https://` is spoken to in plain text.
   *
   * @default false
   */
  readonly insecure?: boolean;
}

/** Where a control plane listens, taken apart. */
export interface Endpoint {
  /** Scheme, host and port without a trailing slash, for example `https://flyte.example.com`. */
  readonly baseUrl: string;
  /** Host name or address without port; IPv6 addresses without brackets. */
  readonly hostname: string;
  /** Host and, unless it is the scheme's own, port. */
  readonly host: string;
  /** Whether calls are encrypted. */
  readonly secure: boolean;
  /** Whether the host is this machine. */
  readonly loopback: boolean;
  /** First label of a host name of more than two labels; never taken from an IP address. */
  readonly org: string | undefined;
}

const forms = "expected host[:port], dns:///host[:port], https://host[:port] or http://host[:port]";

/**
 * Reads an endpoint in any form the Flyte SDKs accept: `host[:port]`, `dns:///host[:port]`,
 * `https://host[:port]` and `http://host[:port]`, with or without one trailing slash. A written
 * scheme wins over `insecure`.
 *
 * @throws FlyteError `invalid_config` for anything else, credentials, paths and queries included
 */
export function parseEndpoint(text: string, options: ParseEndpointOptions = {}): Endpoint {
  const url = toUrl(text.trim(), options.insecure ?? false);
  if (url.pathname !== "/") throw refused(text, "it has a path");
  if (url.hostname === "" || url.hostname.includes("%"))
    throw refused(text, "it has no valid host");
  const hostname = url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
  return {
    baseUrl: url.origin,
    hostname,
    host: url.host,
    secure: url.protocol === "https:",
    loopback: isLoopback(hostname),
    org: toOrg(hostname),
  };
}

function toUrl(text: string, insecure: boolean): URL {
  // The URL parser drops or rewrites these silently, so they have to be looked for in the text.
  if (!/^[!-~]+$/.test(text) || text.includes("\\")) {
    throw refused(text, "it is empty or has spaces, backslashes or characters outside ASCII");
  }
  if (text.includes("@")) throw refused("…", "it has credentials in it; pass them as headers");
  if (/[?#]/.test(text)) throw refused("…", "it has a query or a fragment");
  const written = /^(https?):\/\/([^/].*)$/i.exec(text);
  const bare = written === null ? toBareHost(text) : "";
  const absolute = written === null ? `${insecure ? "http" : "https"}://${bare}` : text;
  try {
    return new URL(absolute);
  } catch (cause) {
    throw refused(text, "it has no valid host and port", cause);
  }
}

function toBareHost(text: string): string {
  const host = /^dns:\/\/\/([^/].*)$/i.exec(text)?.[1] ?? text;
  if (/:\/\/|^\//.test(host)) throw refused(text, "its scheme is not known");
  return host;
}

function refused(text: string, reason: string, cause?: unknown): FlyteError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  const message = `Endpoint ${JSON.stringify(shown)} is not valid: ${reason}; ${forms}.`;
  return new FlyteError("invalid_config", message, { cause });
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "::1" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

function toOrg(hostname: string): string | undefined {
  // The URL parser has already turned every spelling of an IPv4 address into four numbers.
  if (hostname.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return undefined;
  const labels = hostname.split(".");
  return labels.length > 2 ? labels[0] : undefined;
}
