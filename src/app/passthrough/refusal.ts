import type { CredentialReading } from "./read-credentials.ts";

/** Why a request was stopped before it reached a route. */
export type CredentialRefusal = Exclude<CredentialReading, { kind: "present" }>;

/** What a caller without a credential reads. */
export const credentialsRequired = "Authentication credentials required";

/** An answer that is the same for every framework. */
export interface RefusalAnswer {
  readonly status: 401 | 400;
  readonly headers: Readonly<Record<string, string>>;
  /** A problem document (RFC 9457). */
  readonly body: string;
}

const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };

/** 401 for a credential that is missing, 400 for one that cannot be trusted. */
export function toRefusalAnswer(refusal: CredentialRefusal): RefusalAnswer {
  if (refusal.kind === "absent") {
    return {
      status: 401,
      headers: { "www-authenticate": "Bearer", ...headers },
      body: document("unauthenticated", "Unauthenticated", 401, credentialsRequired),
    };
  }
  return {
    status: 400,
    headers,
    body: document("invalid_input", "Invalid input", 400, refusal.reason),
  };
}

function document(code: string, title: string, status: number, detail: string): string {
  return JSON.stringify({ type: `urn:flyte-webhook:problem:${code}`, title, status, detail, code });
}
