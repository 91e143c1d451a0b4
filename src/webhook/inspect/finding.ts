import type { FlyteError } from "../../shared/errors.ts";
import type { Call } from "../call.ts";
import { toDocument, toProblem } from "../problem.ts";
import { redactor } from "../redact.ts";

/** What one question has come to. */
export interface Finding {
  readonly outcome: "allowed" | "refused" | "not_asked";
  readonly detail: string;
  /** Where another rule than that of the question decided. */
  readonly rule?: string;
}

/** One question that a request has to pass, or several of one rule. */
export interface Question {
  readonly rule: string;
  ask(): Promise<Finding | readonly Finding[]> | Finding;
}

export const allowed = (detail: string): Finding => ({ outcome: "allowed", detail });
export const refused = (detail: string): Finding => ({ outcome: "refused", detail });
export const notAsked = (detail: string): Finding => ({ outcome: "not_asked", detail });

/** An error in the words in which an endpoint answers it. */
export function wordsOf({ requestId, auth }: Call, error: FlyteError): string {
  return toDocument(toProblem(error, requestId), requestId, redactor(auth)).detail;
}
