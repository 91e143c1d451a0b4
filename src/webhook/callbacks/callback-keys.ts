import { FlyteError } from "../../shared/errors.ts";
import type { NamedKey } from "../hooks/providers/find-secret.ts";

/**
 * Reads what callbacks are signed with: secrets of Standard Webhooks, `whsec_` and the base64 of 24 to 64 bytes.
 *
 * @throws FlyteError `invalid_config` naming the rule and the remedy; never the secret
 */
export function readCallbackKeys(secrets: unknown): readonly NamedKey<Uint8Array>[] {
  const all: readonly unknown[] = Array.isArray(secrets)
    ? secrets
    : secrets === undefined || secrets === null
      ? []
      : [secrets];
  if (all.length === 0) throw invalid("is missing");
  return all.map((secret, index) => {
    const which = all.length === 1 ? "" : ` at place ${index}`;
    const [, text] =
      typeof secret === "string" ? (/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []) : [];
    const key = Buffer.from(text ?? "", "base64");
    if (key.length >= 24 && key.length <= 64) return { name: String(index), key };
    throw invalid(`${which} is not whsec_ and the base64 of 24 to 64 bytes`.trim());
  });
}

function invalid(problem: string): FlyteError {
  return new FlyteError(
    "invalid_config",
    `callbacks.secret ${problem}. Make one with: echo "whsec_$(openssl rand -base64 32)"`,
  );
}
