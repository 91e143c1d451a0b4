import type { FastifyRequest } from "fastify";
import { FlyteError } from "../../shared/errors.ts";
import { within } from "../../shared/within.ts";
import type { ProblemCode } from "../problem-codes.ts";
import type { Lifecycle } from "../ready/lifecycle.ts";
import type { Subjects } from "../subjects/subjects.ts";

/** Why it is not known who asks. */
export type UnknownReason =
  /** The request came without a credential, or with one that cannot be trusted. */
  | "noCredential"
  /** The control plane does not accept the credential. */
  | "notAccepted"
  /** The request was turned away before that, and gave no reason to ask. */
  | "notAsked"
  /** The control plane did not answer, or not in time. */
  | "unavailable"
  /** It knows no users. */
  | "noUsers";

/** The user as the control plane knows it, or why that is not known. */
export type Who = { readonly subject: string } | { readonly subjectUnknown: UnknownReason };

/** Longest time that a line waits for a name, in milliseconds; shortest, when the webhook is about to end. */
const longestMs = 5000;
const shortestMs = 10;
/** Questions at once; a flood of strangers' credentials must not become one of questions. */
const mostAsked = 200;

/** Requests that are refused to spare the control plane. */
const spared: ReadonlySet<ProblemCode> = new Set(["rate_limited", "overloaded"]);

/** Finds out who asks, from the control plane alone: what a token says of itself proves nothing. */
export function createWhoAsked(
  subjects: Subjects,
  lifecycle: Pick<Lifecycle, "leftMs">,
): (request: FastifyRequest) => Promise<Who> {
  let asked = 0;
  return async (request) => {
    const { record, authMetadata } = request;
    if (record.whoActed === undefined) {
      const reason = reasonNotToAsk(request);
      if (reason !== undefined) return { subjectUnknown: reason };
    }
    if (asked >= mostAsked) return { subjectUnknown: "notAsked" };
    asked += 1;
    try {
      const mostMs = Math.max(shortestMs, Math.min(longestMs, lifecycle.leftMs / 4));
      return await answerOf(record.whoActed?.() ?? subjects.subjectOf(authMetadata), mostMs);
    } finally {
      asked -= 1;
    }
  };
}

function reasonNotToAsk({ record, authMetadata }: FastifyRequest): UnknownReason | undefined {
  const { endpoint, problem, rule } = record;
  if (authMetadata == null) return "noCredential";
  if (problem === "unauthenticated") return "notAccepted";
  const isSpared = problem !== undefined && spared.has(problem);
  return endpoint === undefined || isSpared || rule === "crossSite" ? "notAsked" : undefined;
}

async function answerOf(
  answer: Promise<{ readonly subject: string | undefined }>,
  mostMs: number,
): Promise<Who> {
  try {
    if (!(await within(answer, mostMs))) {
      answer.catch(() => undefined);
      return { subjectUnknown: "unavailable" };
    }
    const { subject } = await answer;
    return subject === undefined ? { subjectUnknown: "noUsers" } : { subject };
  } catch (error) {
    const isRefused =
      FlyteError.is(error) &&
      (error.code === "unauthenticated" || error.code === "permission_denied");
    return { subjectUnknown: isRefused ? "notAccepted" : "unavailable" };
  }
}
