import { createHmac, randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { ResolvedAudit } from "./audit-options.ts";

/** Tells credentials apart without telling what they are: 16 hexadecimal digits. */
export type CredentialHash = (auth: AuthMetadata) => string;

/**
 * An HMAC-SHA-256 of a credential, cut to 64 bits: that of `authorization` where there is one, as cookies change. Its
 * key is the operator's, else one that is kept beside the file, else one of this process.
 *
 * @throws FlyteError `invalid_config` when the key beside the file cannot be read or written
 */
export function createCredentialHash({
  key,
  file,
}: Pick<ResolvedAudit, "key" | "file">): CredentialHash {
  const secret = `flyte-webhook audit credential\n${key ?? keptKey(file)}`;
  return (auth) => {
    const token = auth.find(([name]) => name === "authorization")?.[1];
    const text = token === undefined ? JSON.stringify(auth) : `authorization\n${token}`;
    return createHmac("sha256", secret).update(text).digest("hex").slice(0, 16);
  };
}

function keptKey(file: string | undefined): string {
  const fresh = randomBytes(32).toString("hex");
  if (file === undefined) return fresh;
  const place = `${file}.key`;
  try {
    return readKey(place) ?? writeKey(place, fresh);
  } catch (cause) {
    if (FlyteError.is(cause)) throw cause;
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new FlyteError(
      "invalid_config",
      `The key ${place}, by which the audit log tells credentials apart, cannot be read or written (${reason}). Let this user write there, or set audit.key.`,
      { cause },
    );
  }
}

function readKey(place: string): string | undefined {
  try {
    const text = readFileSync(place, "utf8").trim();
    if (/^[0-9a-f]{64}$/.test(text)) return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  throw new FlyteError(
    "invalid_config",
    `The file ${place} is not the key of an audit log. Remove it, and another one is made: hashes of credentials are others then.`,
  );
}

/** Whole or not at all, and never over one that is there. */
function writeKey(place: string, fresh: string): string {
  const temporary = `${place}.${process.pid}`;
  writeFileSync(temporary, `${fresh}\n`, { mode: 0o600 });
  try {
    linkSync(temporary, place);
  } finally {
    rmSync(temporary, { force: true });
  }
  return fresh;
}
