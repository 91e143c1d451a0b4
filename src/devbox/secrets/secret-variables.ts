import type { Secret } from "../../idl/security.ts";
import { FlyteError } from "../../shared/errors.ts";
import { secretVariable } from "../../shared/secret-variable.ts";

/** What Linux takes as one variable with its name, in bytes. */
const maxVariableBytes = 128 * 1024;

/** Where Flyte's runtimes look for a secret that has no variable of its own choice. */
const variablePrefix = "_UNION_";

/**
 * The environment variables of a secret.
 *
 * @throws FlyteError `invalid_input` when no variable can hold the value, or has that name
 */
export function toVariables(
  { key, group, envVar }: Secret,
  value: Uint8Array,
): Record<string, string> {
  const text = toText(value);
  if (text === undefined || text.includes("\0")) {
    throw unusable(key, "is not text, which a variable has to be; mount it as a file");
  }
  const names = [`${variablePrefix}${key.toUpperCase()}`, envVar || secretVariable(key, group)];
  for (const name of names) {
    if (!/^[^=\0]+$/.test(name)) {
      throw unusable(key, `cannot be given as ${JSON.stringify(name)}: no variable has that name`);
    }
    if (Buffer.byteLength(name) + value.length + 2 > maxVariableBytes) {
      throw unusable(key, "is longer than the 128 KiB of a variable; mount it as a file");
    }
  }
  return Object.fromEntries([
    ["FLYTE_SECRETS_ENV_PREFIX", variablePrefix],
    ...names.map((name) => [name, text]),
  ]);
}

/** The value as text; undefined when it is not UTF-8. */
export function toText(value: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}

function unusable(key: string, reason: string): FlyteError {
  return new FlyteError("invalid_input", `The secret ${JSON.stringify(key)} ${reason}.`);
}
