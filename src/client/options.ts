import { readFileSync } from "node:fs";
import { FlyteError } from "../shared/errors.ts";
import type { AuthMetadata } from "./auth-metadata.ts";
import { toConsoleBase } from "./console-urls.ts";
import { type Endpoint, parseEndpoint } from "./endpoint.ts";
import { passthroughAuthenticator } from "./passthrough-authenticator.ts";

/** Where the credential headers of a call come from. */
export interface Authenticator {
  /** The headers to send, for example `[["authorization", "Bearer …"]]`; undefined for none. */
  headers(
    signal: AbortSignal | undefined,
  ): AuthMetadata | undefined | Promise<AuthMetadata | undefined>;
  /**
   * A call was refused as unauthenticated. Resolves true when new credentials are worth one more
   * try of the same call. May ask a person to sign in: the time it takes is not the call's.
   */
  refresh?(rejected: AuthMetadata | undefined, signal?: AbortSignal): Promise<boolean>;
}

export interface ControlPlaneOptions {
  /**
   * Where the control plane listens: `host[:port]`, `dns:///host[:port]`, `https://host[:port]` or
   * `http://host[:port]`.
   */
  readonly endpoint: string;
  /** @default the first label of a host name of more than two labels, else empty */
  readonly org?: string | undefined;
  /** Project of calls that name none. */
  readonly project?: string | undefined;
  /** Domain of calls that name none. */
  readonly domain?: string | undefined;
  /** @default the headers that `authMetadata` bound to the running request */
  readonly authenticator?: Authenticator | undefined;
  /**
   * Allows plain text to a host that is not this machine. Everyone on the way can then read the
   * callers' credentials.
   *
   * @default false
   */
  readonly allowPlaintext?: boolean | undefined;
  /** Plain text for an endpoint without `http://` or `https://`. @default false */
  readonly insecure?: boolean | undefined;
  /** PEM file with the only certificate authorities to trust. @default those of Node.js */
  readonly caCertFile?: string | undefined;
  /** Trusts any certificate. Ignored when `caCertFile` is given. @default false */
  readonly insecureSkipVerify?: boolean | undefined;
  /** Longest time for one call, its retries included. @default 30_000 */
  readonly timeoutMs?: number | undefined;
  /** How often a call that only reads is tried again after a passing failure. @default 3 */
  readonly retries?: number | undefined;
  /** Longest answer that is read. @default 33_554_432 (32 MiB) */
  readonly maxResponseBytes?: number | undefined;
  /** Most connections to one host. Calls beyond wait their turn. @default 64 */
  readonly maxConnections?: number | undefined;
  /**
   * How long the details of an exact task version are kept, for each credential apart; 0 turns the
   * cache off. The latest version is looked up every time.
   *
   * @default 30_000
   */
  readonly taskCacheTtlMs?: number | undefined;
  /** Base of the pages that `url` fields point to. @default the endpoint */
  readonly consoleUrl?: string | undefined;
  /** Domain of project `system` in which the task `build-image` is deployed. @default `production` */
  readonly imageBuilderDomain?: string | undefined;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly endpoint: Endpoint;
  readonly org: string;
  readonly project: string | undefined;
  readonly domain: string | undefined;
  readonly authenticator: Authenticator;
  readonly allowPlaintext: boolean;
  readonly tls: TlsSettings;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxResponseBytes: number;
  readonly maxConnections: number;
  readonly taskCacheTtlMs: number;
  readonly consoleUrl: string;
  readonly imageBuilderDomain: string;
}

/** What decides whether a server's certificate is trusted, in the words of `node:tls`. */
export interface TlsSettings {
  readonly ca?: string;
  readonly rejectUnauthorized?: boolean;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws FlyteError `invalid_config` naming the option, the rule and the remedy
 */
export function resolveOptions(options: ControlPlaneOptions): ResolvedOptions {
  const endpoint = parseEndpoint(options.endpoint, { insecure: options.insecure ?? false });
  const allowPlaintext = options.allowPlaintext ?? false;
  assertPlaintextAllowed(endpoint, allowPlaintext);
  return {
    endpoint,
    org: options.org ?? endpoint.org ?? "",
    project: options.project,
    domain: options.domain,
    authenticator: options.authenticator ?? passthroughAuthenticator,
    allowPlaintext,
    tls: resolveTls(options),
    timeoutMs: wholeNumber("timeoutMs", options.timeoutMs, 30_000, 1),
    retries: wholeNumber("retries", options.retries, 3, 0),
    maxResponseBytes: wholeNumber("maxResponseBytes", options.maxResponseBytes, 33_554_432, 1),
    maxConnections: wholeNumber("maxConnections", options.maxConnections, 64, 1),
    taskCacheTtlMs: wholeNumber("taskCacheTtlMs", options.taskCacheTtlMs, 30_000, 0),
    consoleUrl: toConsoleBase(options.consoleUrl, endpoint),
    imageBuilderDomain: options.imageBuilderDomain ?? "production",
  };
}

/** @throws FlyteError `invalid_config` when credentials would cross a network in plain text */
export function assertPlaintextAllowed(endpoint: Endpoint, allowPlaintext: boolean): void {
  if (endpoint.secure || endpoint.loopback || allowPlaintext) return;
  throw new FlyteError(
    "invalid_config",
    `Refusing to send credentials in plain text to ${endpoint.baseUrl}, which is another machine. ` +
      "Use an https:// endpoint, or set allowPlaintext when the network in between is trusted.",
  );
}

function resolveTls(options: ControlPlaneOptions): TlsSettings {
  if (options.caCertFile === undefined) {
    return options.insecureSkipVerify === true ? { rejectUnauthorized: false } : {};
  }
  let ca: string;
  try {
    ca = readFileSync(options.caCertFile, "utf8");
  } catch (cause) {
    throw new FlyteError(
      "invalid_config",
      `caCertFile ${JSON.stringify(options.caCertFile)} cannot be read; name a readable PEM file.`,
      { cause },
    );
  }
  if (ca.includes("-----BEGIN CERTIFICATE-----")) return { ca };
  throw new FlyteError(
    "invalid_config",
    `caCertFile ${JSON.stringify(options.caCertFile)} holds no PEM certificate.`,
  );
}

function wholeNumber(
  name: string,
  value: number | undefined,
  preset: number,
  least: number,
): number {
  if (value === undefined) return preset;
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new FlyteError(
    "invalid_config",
    `${name} is ${String(value)}; give a whole number of at least ${least}.`,
  );
}
