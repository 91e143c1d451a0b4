import type { Tone } from "../ui/badge.tsx";

const verdicts: Readonly<Record<string, string>> = {
  started: "Started a run",
  duplicate: "Had started a run already",
  ignored: "Ignored",
  refused: "Refused by the hook",
  answered: "Answered",
  bad_signature: "Signature not accepted",
  malformed: "Not understood",
  failed: "Failed",
};

/** What became of a delivery. */
export function verdictWords(verdict: string): string {
  return verdicts[verdict] ?? verdict.replaceAll("_", " ");
}

/** How good that is, for a colour beside the words. */
export function verdictTone(verdict: string): Tone {
  if (verdict === "started" || verdict === "duplicate") return "good";
  if (verdict === "refused") return "warn";
  if (verdict === "ignored" || verdict === "answered") return "quiet";
  return "bad";
}

const rules: Readonly<Record<string, string>> = {
  taskAllowlist: "the allowlist of tasks",
  appAllowlist: "the allowlist of apps",
  triggerAllowlist: "the allowlist of triggers",
  buildAllowlist: "the allowlist of images",
  prefetchAllowlist: "the allowlist of models",
  allowlist: "an allowlist",
  runFence: "whether the run is one of a task in the allowlist",
  noAllowlist: "there is no such allowlist",
  public: "open to everybody",
  credential: "the credential",
  controlPlane: "the control plane",
  crossSite: "sent by another site",
  selfReference: "the webhook itself",
  runOptions: "the options of a run that callers may set",
  runOwner: "who started the run",
  callbackTarget: "the addresses that may be called back",
  mapping: "the code of the hook",
  signature: "the signature",
  link: "the link to a condition",
  audit: "the audit log",
  inspectors: "the inspectors of the webhook",
  endpoint: "the endpoint is enabled",
  rateLimit: "the rate limit",
};

/** What a rule goes by; undefined for one that is not known here. */
export function ruleWords(rule: string): string | undefined {
  return rules[rule.split(":")[0] ?? rule];
}

const nobody: Readonly<Record<string, string>> = {
  noCredential: "no credential",
  notAccepted: "credential not accepted",
  notAsked: "not asked",
  unavailable: "not known",
  noUsers: "no users here",
};

/** Why a line of the audit log names nobody. */
export function unknownSubjectWords(reason: string): string {
  return nobody[reason] ?? reason;
}

const events: Readonly<Record<string, string>> = {
  start: "The webhook started",
  stop: "The webhook stopped",
  lost: "Lines were lost",
};

/** A line of the audit log that is about no request. */
export function auditEventWords(event: string): string {
  return events[event] ?? event;
}
