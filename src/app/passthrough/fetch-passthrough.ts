import type { Admission, Admit } from "./admission.ts";
import { scopeOf } from "./bind-events.ts";
import { bindResponse } from "./bind-response.ts";
import { bindEnvironment } from "./bind-upgrade.ts";
import type { CredentialSource } from "./credential-reader.ts";
import { type CredentialRefusal, toRefusalAnswer } from "./refusal.ts";

/** What a handler may give: Bun takes undefined for a request that became a WebSocket. */
export type FetchAnswer = Response | undefined | Promise<Response | undefined>;

/** A Request has joined repeated headers, with commas where they are not cookies. */
export function fetchSource(request: Request): CredentialSource {
  const { headers, method, url } = request;
  return { rawHeaders: [...headers].flat(), merged: true, target: targetOf(url), method };
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
    const admission: Admission = await admit(fetchSource(request));
    if (admission.kind === "stopped") return refuseFetch(admission.refusal);
    const scope = scopeOf(admission.metadata);
    bindEnvironment(rest[0], scope);
    const response = await scope(() => handler(request, ...rest));
    return response === undefined ? undefined : bindResponse(response, scope);
  };
}
