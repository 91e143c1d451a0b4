import { createHmac, timingSafeEqual } from "node:crypto";

/** What a signed upload URL allows. */
export interface UploadGrant {
  /** Segments below the store's root, joined by slashes. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** MD5 of the bytes in base64; undefined when the client named none. */
  readonly md5: string | undefined;
  /** Exact number of bytes; undefined when the client named none. */
  readonly length: number | undefined;
}

/** The grant and its HMAC, as one path segment. */
export function signUpload(grant: UploadGrant, key: Uint8Array): string {
  const payload = Buffer.from(
    JSON.stringify([grant.path, grant.expiresAt, grant.md5 ?? null, grant.length ?? null]),
  ).toString("base64url");
  return `${payload}.${sign(payload, key).toString("base64url")}`;
}

/** Undefined unless the token was signed with this key. Whether it has expired is not checked. */
export function readUpload(token: string, key: Uint8Array): UploadGrant | undefined {
  const [payload, signature, ...rest] = token.split(".");
  if (payload === undefined || signature === undefined || rest.length > 0) return undefined;
  const given = Buffer.from(signature, "base64url");
  const right = sign(payload, key);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  // Signed by us, so it has the shape that signUpload gave it.
  const [path, expiresAt, md5, length] = JSON.parse(
    Buffer.from(payload, "base64url").toString("utf8"),
  ) as [string, number, string | null, number | null];
  return { path, expiresAt, md5: md5 ?? undefined, length: length ?? undefined };
}

function sign(payload: string, key: Uint8Array): Buffer {
  return createHmac("sha256", key).update(payload).digest();
}
