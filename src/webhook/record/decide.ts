import type { ProblemCode } from "../problem-codes.ts";
import type { RequestRecord } from "./request-record.ts";

/** What can let a request through: a list that names its target, or that there is no such list. */
export type AllowingRule =
  | "taskAllowlist"
  | "appAllowlist"
  | "triggerAllowlist"
  | "buildAllowlist"
  | "prefetchAllowlist"
  /** The run is one of a task in the allowlist. */
  | "runFence"
  | "signature"
  | "link"
  /** The list of those who may see what others did. */
  | "inspectors"
  | "noAllowlist"
  /** Everybody may, without a credential. */
  | "public";

/** What can refuse one. */
export type DenyingRule =
  | Exclude<AllowingRule, "noAllowlist" | "public">
  /** It is missing (`unauthenticated`), or cannot be trusted (`invalid_input`). */
  | "credential"
  | "crossSite"
  | "selfReference"
  /** The operator does not let callers set this option of a run. */
  | "runOptions"
  /** The operator does not let the webhook call this address back. */
  | "callbackTarget"
  /** A list, where none is named. */
  | "allowlist"
  | "rateLimit"
  | `rateLimit:${string}`
  /** Only who has started a run may do this. */
  | "runOwner"
  /** What a hook's code said of the event. */
  | "mapping"
  /** The audit log cannot be written. */
  | "audit"
  /** The control plane did not accept the credential, or did not allow the call. */
  | "controlPlane";

/** Notes what lets a request through. What was denied before stays denied. */
export function allow(record: RequestRecord, rule: AllowingRule): void {
  if (record.decision === "denied") return;
  record.decision = "allowed";
  record.rule = rule;
}

/** Notes what refuses a request. */
export function deny(record: RequestRecord, rule: DenyingRule): void {
  record.decision = "denied";
  record.rule = rule;
}

/** Problems that are a refusal, with the rule that is meant unless another was noted. */
const refusals: Readonly<Partial<Record<ProblemCode, DenyingRule>>> = {
  unauthenticated: "controlPlane",
  permission_denied: "controlPlane",
  cross_site: "crossSite",
  self_reference: "selfReference",
  not_allowlisted: "allowlist",
  rate_limited: "rateLimit",
  bad_signature: "signature",
};

/** Notes the problem that is answered, and who has refused the request if it is a refusal. */
export function noteProblem(record: RequestRecord, code: ProblemCode): void {
  record.problem = code;
  const rule = refusals[code];
  if (rule !== undefined && record.decision !== "denied") deny(record, rule);
}
