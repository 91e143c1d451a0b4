import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isJsonArray, type JsonValue, parseJson, stringifyJson } from "../../shared/json.ts";

/** What a link is for. */
export interface LinkClaims {
  readonly project: string;
  readonly domain: string;
  readonly run: string;
  /** The action of the condition. */
  readonly action: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** What it signals; undefined where the person chooses. */
  readonly value: JsonValue | undefined;
  /** Tells this link from all others. */
  readonly id: string;
}

/** Longer ones are not looked at. */
export const maxTokenLength = 4096;

const form = /^([A-Za-z0-9_-]{1,4000})\.([A-Za-z0-9_-]{43})$/;

/** A new id of a link. */
export function createLinkId(): string {
  return randomBytes(12).toString("base64url");
}

/**
 * The claims with an HMAC over them. They can be read by whoever has the link, but not changed; no
 * credential is in them.
 */
export function writeToken(key: Uint8Array, claims: LinkClaims): string {
  const { project, domain, run, action, expiresAt, id, value } = claims;
  const fields = [1, project, domain, run, action, expiresAt, id];
  const text = stringifyJson(value === undefined ? fields : [...fields, value]);
  const payload = Buffer.from(text).toString("base64url");
  return `${payload}.${prove(key, payload)}`;
}

/** The claims of a token that this key has made, also of one that has expired; undefined for any other text. */
export function readToken(key: Uint8Array, token: string): LinkClaims | undefined {
  if (token.length > maxTokenLength) return undefined;
  const [, payload = "", proof = ""] = form.exec(token) ?? [];
  const right = Buffer.from(prove(key, payload));
  const given = Buffer.from(proof);
  if (right.length !== given.length || !timingSafeEqual(right, given)) return undefined;
  // Proved, so that it is as it was written; by an older version perhaps.
  const fields = parseJson(Buffer.from(payload, "base64url").toString("utf8"));
  if (!isJsonArray(fields)) return undefined;
  const [version, project, domain, run, action, expiresAt, id, value] = fields;
  if (version !== 1 || typeof expiresAt !== "number") return undefined;
  const texts = [project, domain, run, action, id].map(String);
  const [projectName = "", domainName = "", runName = "", actionName = "", linkId = ""] = texts;
  return {
    project: projectName,
    domain: domainName,
    run: runName,
    action: actionName,
    expiresAt,
    id: linkId,
    value,
  };
}

function prove(key: Uint8Array, payload: string): string {
  return createHmac("sha256", key).update(payload).digest("base64url");
}
