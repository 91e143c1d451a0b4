import type { FastifyReply } from "fastify";
import { type Fault, FlyteError, printPath } from "../shared/errors.ts";
import type { JsonValue } from "../shared/json.ts";
import { sendDetail } from "./compat/send-detail.ts";
import { type ProblemCode, problemKinds } from "./problem-codes.ts";
import { noteProblem } from "./record/decide.ts";
import { redactor } from "./redact.ts";

/** Something that went wrong, as the caller will read it. */
export interface Problem {
  readonly code: ProblemCode;
  readonly detail: string;
  /** Faults in the body or the parameters, each with its place. */
  readonly faults?: readonly Fault[];
  /** What the caller probably meant. */
  readonly hint?: string;
  /** Further members of the document (RFC 9457, 3.2), beside the standard ones. Texts may be others' words. */
  readonly members?: Readonly<Record<string, string | boolean>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** What `compat: "upstream"` answers, where it is not the status of the code and the detail. */
  readonly upstream?: { readonly status: number; readonly detail: JsonValue };
}

/** A problem document (RFC 9457) with this product's extension members; some problems have further ones. */
export interface ProblemDocument {
  /** `urn:flyte-webhook:problem:CODE`: stable, an identifier and not an address. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly hint?: string;
  readonly requestId: string;
}

/** The error's own words may tell the address of the control plane. */
const lostStart =
  "It is not known whether the run was started. With an Idempotency-Key, repeat the request with the same key: " +
  "it finds the run, or starts it. Without one, look for the run first.";

const maxDetailLength = 4000;
const maxErrors = 100;

/** Messages may quote values of any length and content; what leaves the process is bounded. */
function cleaned(text: string): string {
  const shown = text.replaceAll(/[\p{Cc}\p{Cf}]/gu, " ");
  return shown.length <= maxDetailLength ? shown : `${shown.slice(0, maxDetailLength)}…`;
}

/**
 * The document a problem is answered with.
 *
 * @param redact - takes secrets out of texts that others may have written
 */
export function toDocument(
  problem: Problem,
  requestId: string,
  redact: (text: string) => string = (text) => text,
): ProblemDocument {
  const { status, title } = problemKinds[problem.code];
  const faults = (problem.faults ?? []).slice(0, maxErrors);
  const members = Object.entries(problem.members ?? {}).map(([name, value]) => [
    name,
    typeof value === "string" ? cleaned(redact(value)) : value,
  ]);
  return {
    ...Object.fromEntries(members),
    type: `urn:flyte-webhook:problem:${problem.code}`,
    title,
    status,
    detail: cleaned(redact(problem.detail)),
    code: problem.code,
    ...(faults.length > 0 && {
      errors: faults.map(({ path, message }) => ({
        path: cleaned(redact(printPath(path))),
        message: cleaned(redact(message)),
      })),
    }),
    ...(problem.hint !== undefined && { hint: cleaned(redact(problem.hint)) }),
    requestId,
  };
}

/**
 * The problem a thrown value amounts to. Anything that is not a {@link FlyteError}, and every error
 * that could tell internals, keeps its own text to itself.
 */
export function toProblem(error: unknown, requestId: string): Problem {
  const code = codeOf(error);
  const kind = problemKinds[code];
  if (!FlyteError.is(error) || kind.status === 500) {
    return {
      code: "internal",
      detail: `Something went wrong here. Quote request id ${requestId} when you report it.`,
    };
  }
  const seconds =
    error.retryAfterMs === undefined
      ? kind.retryAfterSeconds
      : Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  return {
    code,
    detail: error.outcomeUnknown ? lostStart : (kind.text ?? error.message),
    faults: error.faults,
    ...(kind.retryAfterSeconds !== undefined && {
      headers: { "retry-after": String(seconds) },
    }),
  };
}

/** What a thrown value is for a caller: a call that ended in `internal` is a fault of the control plane, or of what stands in front of it, and not of the webhook. */
export function codeOf(error: unknown): ProblemCode {
  if (!FlyteError.is(error) || !Object.hasOwn(problemKinds, error.code)) return "internal";
  return error.code === "internal" ? "control_plane_failed" : error.code;
}

/** Faults in one line. */
export function printFaults(faults: readonly Fault[]): string {
  return faults.map(({ path, message }) => `${printPath(path)} ${message}`).join("; ");
}

declare module "fastify" {
  interface FastifyInstance {
    /** Whether problems are answered as the original does. */
    answersLikeUpstream?: boolean;
  }
}

/** Answers with a problem document, or as the original does where that is asked for. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { id, authMetadata, record } = reply.request;
  if (record !== undefined) noteProblem(record, problem.code); // what no hook has seen has none
  const redact = redactor(authMetadata);
  const document = toDocument(problem, id, redact);
  if (problem.headers !== undefined) reply.headers(problem.headers);
  const { upstream } = problem;
  // Who signs has nothing to answer a challenge with.
  const isChallenge = document.status === 401 && problem.code !== "bad_signature";
  if (reply.server.answersLikeUpstream) {
    if (upstream !== undefined) return sendDetail(reply, upstream, redact);
    const { status, detail } = document;
    if (isChallenge) reply.header("www-authenticate", "Bearer");
    return sendDetail(reply, { status, detail }, redact);
  }
  if (isChallenge) reply.header("www-authenticate", "Bearer");
  return reply
    .code(document.status)
    .header("content-type", "application/problem+json")
    .send(Buffer.from(JSON.stringify(document))); // for a string Fastify would add a charset
}
