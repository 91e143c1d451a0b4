import { UserError } from "../../tasks/task-errors.ts";
import { readRetryAfterMs } from "./backoff.ts";
import type { Hub } from "./hub.ts";

export interface HubErrorOptions {
  readonly code: string;
  /** Whether the same request may go better a moment later. @default false */
  readonly transient?: boolean;
  /** How long the hub asks to wait before. */
  readonly waitMs?: number | undefined;
  readonly cause?: unknown;
}

/** Why a hub could not be asked, or what it refused. Its text tells what to do. */
export class HubError extends UserError {
  override readonly name: string = "HubError";
  readonly transient: boolean;
  readonly waitMs: number | undefined;

  constructor(message: string, { transient = false, waitMs, ...options }: HubErrorOptions) {
    super(message, { ...options, retryable: transient });
    this.transient = transient;
    this.waitMs = waitMs;
  }
}

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name cannot be looked up now",
  ECONNRESET: "the connection was reset",
  EPIPE: "the connection was closed",
  ETIMEDOUT: "the connection timed out",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_CONNECT_TIMEOUT: "the connection timed out",
  UND_ERR_HEADERS_TIMEOUT: "no answer came",
  UND_ERR_BODY_TIMEOUT: "the answer stopped half-way",
};

/** What a failed connection means. Certificates that are refused stay so; all else may go over. */
export function toNetworkError(host: string, error: unknown): HubError {
  if (error instanceof HubError) return error;
  const code = codeOf(error);
  if (code !== undefined && /CERT|TLS|SSL|SIGNATURE|VERIFY/.test(code)) {
    return new HubError(
      `The certificate of ${host} is not trusted (${code}). Name the certificate of its authority in NODE_EXTRA_CA_CERTS.`,
      { code: "HubUntrusted", cause: error },
    );
  }
  const reason = networkReasons[code ?? ""] ?? code ?? "the connection failed";
  return new HubError(`${host} cannot be reached: ${reason}.`, {
    code: "HubUnavailable",
    transient: true,
    cause: error,
  });
}

/** Of the error itself, or of what caused it: fetch tells little by itself. */
function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string" && code !== "") return code;
  }
  return undefined;
}

const transientStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What an answer of a hub that is no success means for a model. */
export function toStatusError(hub: Hub, repo: string, { status, headers }: Response): HubError {
  const kind = headers.get("x-error-code") ?? "";
  if (transientStatuses.has(status)) return toTransient(hub, status, headers);
  if (kind === "GatedRepo" || (status === 403 && kind === "")) return toGated(hub, repo);
  if (status === 401 && hub.token !== undefined && kind !== "RepoNotFound") return toRefused(hub);
  if (status === 404 || status === 401 || kind === "RepoNotFound") return toUnknown(hub, repo);
  return new HubError(`The hub ${hub.url} answered ${status} when asked for ${repo}.`, {
    code: "HubRefused",
  });
}

function toTransient(hub: Hub, status: number, headers: Headers): HubError {
  const waitMs = readRetryAfterMs(headers.get("retry-after"), Date.now());
  const options = { transient: true, waitMs };
  if (status !== 429) {
    return new HubError(`The hub ${hub.url} answered ${status}.`, {
      code: "HubUnavailable",
      ...options,
    });
  }
  const remedy =
    hub.token === undefined ? ` Callers with a token may ask more often: ${toStore(hub)}` : "";
  return new HubError(`The hub ${hub.url} was asked too often (429).${remedy}`, {
    code: "HubBusy",
    ...options,
  });
}

function toGated(hub: Hub, repo: string): HubError {
  const page = `${hub.url}/${repo}`;
  const remedy =
    hub.token === undefined
      ? `no token was sent. Ask for access at ${page}, then ${toStore(hub)}`
      : `the token of the secret ${JSON.stringify(hub.secret)} has no access. Ask for it at ${page}, as the user of that token.`;
  return new HubError(`The model ${repo} is gated, and ${remedy}`, { code: "GatedModel" });
}

function toRefused(hub: Hub): HubError {
  return new HubError(
    `The hub ${hub.url} does not accept the token of the secret ${JSON.stringify(hub.secret)}: it is wrong, expired or revoked. Replace it with: ${toCommand(hub)} --update`,
    { code: "InvalidToken" },
  );
}

function toUnknown(hub: Hub, repo: string): HubError {
  const remedy =
    hub.token === undefined
      ? `If it is private, ${toStore(hub)}`
      : `If it is private, the token of the secret ${JSON.stringify(hub.secret)} may not read it.`;
  return new HubError(`There is no model ${repo} at ${hub.url}. ${remedy}`, {
    code: "ModelNotFound",
  });
}

function toStore(hub: Hub): string {
  const unnamed = hub.secret === "" ? ", and leave hf_token_key out" : "";
  return `store a token with: ${toCommand(hub)}${unnamed}`;
}

function toCommand({ secret, project, domain }: Hub): string {
  return `flyte-webhook create secret ${secret || "HF_TOKEN"} --project ${project} --domain ${domain}`;
}
