import { FlyteError } from "../shared/errors.ts";
import { matchesGlob } from "../shared/glob.ts";

/** Which models may be fetched, and with which secrets. */
export interface PrefetchAllowlist {
  /** Whether models are allowed one by one. */
  readonly isGiven: boolean;
  allowsModel(repo: string): boolean;
  allowsSecret(key: string): boolean;
}

/** The secret that is looked for unless a request names another one. */
export const defaultTokenKey = "HF_TOKEN";

const modelForm = /^[A-Za-z0-9_*][A-Za-z0-9._*-]*(?:\/[A-Za-z0-9_*][A-Za-z0-9._*-]*)?$/;
const secretForm = /^[A-Za-z0-9_-]{1,253}$/;

/**
 * Compiles an allowlist of what may be fetched. Without one everything is allowed; an empty one allows no
 * model.
 *
 * An entry is a model, `ORGANISATION/NAME` or `NAME`, in which `*` stands for any characters but a
 * slash, or `secret:KEY`. The value of a secret goes to the model hub as a token, so besides
 * `HF_TOKEN` only those of the list do.
 *
 * @throws FlyteError `invalid_config` for an entry of another form
 */
export function compilePrefetchAllowlist(
  entries: readonly string[] | undefined,
): PrefetchAllowlist {
  if (entries === undefined) {
    return { isGiven: false, allowsModel: () => true, allowsSecret: () => true };
  }
  const models: string[] = [];
  const secrets = new Set([defaultTokenKey]);
  for (const entry of entries) {
    const [, key] = /^secret:(.*)$/s.exec(String(entry)) ?? [];
    if (key !== undefined && secretForm.test(key)) secrets.add(key);
    else if (key === undefined && typeof entry === "string" && modelForm.test(entry)) {
      models.push(entry);
    } else throw malformed(entry);
  }
  return {
    isGiven: true,
    // The end is a part of its own, since a pattern else means all that is below it, too.
    allowsModel: (repo) => models.some((model) => matchesGlob(`./${model}/:`, `${repo}/:`)),
    allowsSecret: (key) => secrets.has(key),
  };
}

function malformed(entry: unknown): FlyteError {
  return new FlyteError(
    "invalid_config",
    `The prefetch allowlist entry ${JSON.stringify(entry)} is none. Write ORGANISATION/NAME or NAME, in which * stands for any characters, as in my-org/*, or secret:KEY.`,
  );
}
