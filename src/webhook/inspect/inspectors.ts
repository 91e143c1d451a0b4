import { FlyteError } from "../../shared/errors.ts";
import { type Call, reading } from "../call.ts";
import type { Problem } from "../problem.ts";
import { allow, deny } from "../record/decide.ts";

const longest = 255;

/**
 * The subjects that may see what others did, none without the option.
 *
 * @throws FlyteError `invalid_config` for an entry that cannot be a subject
 */
export function checkedInspectors(given: readonly string[] | undefined): ReadonlySet<string> {
  if (given === undefined) return new Set();
  if (!Array.isArray(given)) throw invalid("inspectors must be a list of subjects.");
  for (const entry of given) {
    if (typeof entry === "string" && isSubject(entry)) continue;
    throw invalid(
      `${JSON.stringify(entry)} in inspectors is no subject. Write each as GET /me shows it; there are no patterns.`,
    );
  }
  return new Set(given);
}

function isSubject(text: string): boolean {
  return (
    text !== "" &&
    text.length <= longest &&
    text === text.trim() &&
    !text.includes("*") && // who writes it means everybody
    !/[\p{Cc}\p{Cf}]/u.test(text)
  );
}

/** Who asks, as the control plane names them for the credential of this request: asked anew each time. */
export type KnownCaller =
  | { readonly subject: string; readonly isInspector: boolean }
  | { readonly problem: Problem };

/**
 * Finds out who asks. What a token says of itself proves nothing, and nothing is remembered: a key that was revoked
 * shows nothing any more.
 *
 * @throws FlyteError what the control plane answered, such as `unauthenticated`
 */
export async function knowCaller(call: Call): Promise<KnownCaller> {
  const subject = await subjectOf(call);
  if (subject === "") {
    deny(call.record, "inspectors");
    const detail = "The control plane does not name its users, so this webhook shows nobody more.";
    return { problem: { code: "permission_denied", detail } };
  }
  return { subject, isInspector: call.options.inspectors.has(subject) };
}

async function subjectOf(call: Call): Promise<string> {
  try {
    return (await call.controlPlane.users.me(reading(call))).subject;
  } catch (error) {
    if (!FlyteError.is(error) || error.code !== "unimplemented") throw error;
    return "";
  }
}

/** Why the caller may not see what others did; undefined for an inspector. */
export async function refuseStranger(call: Call): Promise<Problem | undefined> {
  const caller = await knowCaller(call);
  if ("problem" in caller) return caller.problem;
  if (caller.isInspector) {
    allow(call.record, "inspectors");
    return undefined;
  }
  deny(call.record, "inspectors");
  const detail =
    "Only those whom the operator names in the option inspectors may see what others did.";
  return { code: "not_allowlisted", detail };
}

function invalid(message: string): FlyteError {
  return new FlyteError("invalid_config", message);
}
