import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { Admission, Admit } from "./admission.ts";
import { type Scope, scopeOf } from "./bind-events.ts";
import { bindResponse } from "./bind-response.ts";
import { bindUpgrade, upgradeOf } from "./bind-upgrade.ts";
import type { CredentialSource } from "./credential-reader.ts";
import { type CredentialRefusal, toRefusalAnswer } from "./refusal.ts";

/** What a handler may give: Bun takes undefined for a request that became a WebSocket. */
export type FetchAnswer = Response | undefined | Promise<Response | undefined>;

/**
 * A Request has joined repeated headers, with commas where they are not cookies. One that stands for
 * an upgrade may have dropped them, so its headers are read where they arrived.
 */
export function fetchSource(request: Request, environment: unknown): CredentialSource {
  const { headers, method, url } = request;
  const target = targetOf(url);
  const upgrade = upgradeOf(environment);
  return upgrade === undefined
    ? { rawHeaders: [...headers].flat(), merged: true, target, method }
    : { rawHeaders: upgrade.rawHeaders, merged: false, target, method };
}

/** The scope of an admitted request, which takes the connection of an upgrade with it. */
export function fetchScope(metadata: AuthMetadata | undefined, environment: unknown): Scope {
  const scope = scopeOf(metadata);
  const upgrade = upgradeOf(environment);
  if (upgrade !== undefined) bindUpgrade(upgrade, upgrade.socket, scope);
  return scope;
}

/** Path and query as they are written, not as a parser would mend them. */
function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start === -1 ? "/" : url.slice(start);
}

export function refuseFetch(refusal: CredentialRefusal): Response {
  const { status, headers, body } = toRefusalAnswer(refusal);
  return new Response(body, { status, headers });
}

export function wrapFetchHandler<Rest extends readonly unknown[]>(
  handler: (request: Request, ...rest: Rest) => FetchAnswer,
  admit: Admit,
): (request: Request, ...rest: Rest) => Promise<Response | undefined> {
  return async (request, ...rest) => {
    const admission: Admission = await admit(fetchSource(request, rest[0]));
    if (admission.kind === "stopped") return refuseFetch(admission.refusal);
    const scope = fetchScope(admission.metadata, rest[0]);
    const response = await scope(() => handler(request, ...rest));
    return response === undefined ? undefined : bindResponse(response, scope);
  };
}
