import type { FastifyRequest } from "fastify";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { RequestOutcome } from "../record/request-record.ts";
import { redactor } from "../redact.ts";
import type { CredentialHash } from "./credential-hash.ts";
import type { Entry } from "./log-writer.ts";
import type { Who } from "./who-asked.ts";

/** Longer than any name of a control plane with its place. */
const maxLength = 1024;
const maxRuns = 1000;

/** What the log says of a request: who, what, by which rule, with what result. Nothing that it carried. */
export function toEntry(
  request: FastifyRequest,
  { status, durationMs, aborted }: RequestOutcome,
  who: Who,
  hash: CredentialHash,
): Entry {
  const { record, authMetadata: auth } = request;
  const shown = cleaner(auth);
  const acts = record.actsAs !== "caller" || auth != null;
  return {
    time: new Date(record.startedAt).toISOString(),
    requestId: request.id,
    traceId: record.traceId,
    ...("subject" in who ? { subject: shown(who.subject) } : who),
    credential: auth == null ? undefined : hash(auth),
    client: record.client ?? undefined,
    method: request.method,
    endpoint: record.endpoint,
    target: shown(record.target),
    decision: record.decision,
    rule: record.rule,
    actsAs: acts ? record.actsAs : undefined,
    runs:
      record.runs.length === 0
        ? undefined
        : record.runs.slice(0, maxRuns).map(({ domain, project, name, isNew }) => ({
            run: shown(`${domain}/${project}/${name}`),
            new: isNew,
          })),
    callback: record.callback,
    startsUnknown: record.starts.unknown || undefined,
    delivery: shown(record.delivery),
    status,
    problem: record.problem,
    aborted: aborted || undefined,
    durationMs: Math.round(durationMs * 10) / 10,
  };
}

/**
 * Bounds texts, and takes the caller's token out: a control plane may quote it, and a caller may put it into a path. Only
 * the token, as cookies may hold any words: with these a caller could hide what they did.
 */
function cleaner(auth: AuthMetadata | null | undefined) {
  const redact = redactor(auth?.filter(([name]) => name === "authorization"));
  return (text: string | undefined): string | undefined =>
    text === undefined ? undefined : redact(text.slice(0, maxLength));
}
