import { createHash } from "node:crypto";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import { toCredentialHeaders } from "../../client/credential-headers.ts";
import type { JsonValue } from "../../shared/json.ts";
import type { Subject } from "../subjects/subjects.ts";
import { canonicalJson } from "./canonical-json.ts";

/** Whose an idempotency key is: equal keys of others are other keys. */
export type KeyOwner =
  | { readonly kind: "user"; readonly subject: string }
  | { readonly kind: "credential"; readonly hash: string }
  | { readonly kind: "hook"; readonly name: string };

/** All that tells one start under a key from another. */
export interface RunKey {
  readonly webhook: string;
  readonly owner: KeyOwner;
  /** What is started, such as `task development/flytesnacks/stats.describe`. */
  readonly target: string;
  /** Where the run lives. */
  readonly project: string;
  readonly domain: string;
  readonly key: string;
}

/**
 * Whose the keys of a caller are: the user's, whichever credential proves it. Where the control plane knows no users,
 * the credential's: its hash is one part of what a run's name is the hash of, beside the key, and is told to nobody.
 */
export function ownerOf({ subject }: Subject, auth: AuthMetadata | null): KeyOwner {
  if (subject !== undefined) return { kind: "user", subject };
  const headers = toCredentialHeaders(auth ?? undefined);
  return { kind: "credential", hash: sha256(canonicalJson(["credential", ...headers])) };
}

/**
 * The name of the run that a key stands for: 30 characters that the control plane takes, the same in every process and
 * for ever.
 */
export function toRunName({ webhook, owner, target, project, domain, key }: RunKey): string {
  const text = canonicalJson(["run", webhook, { ...owner }, target, project, domain, key]);
  return `i${sha256(text).slice(0, 29)}`;
}

/** Whether a name could be one of {@link toRunName}: who took it first would be answered to whoever has the key. */
export function isNameOfKey(name: string): boolean {
  return /^i[0-9a-f]{29}$/.test(name);
}

/** What the payloads of two requests are compared by: fits a label. */
export function toFingerprint(payload: JsonValue): string {
  return sha256(canonicalJson(["payload", payload])).slice(0, 60);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
