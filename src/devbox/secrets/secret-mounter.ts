import type { Secret } from "../../idl/security.ts";

/** Gives processes the secrets they ask for. */
export interface SecretMounter {
  /**
   * The values of the secrets as environment variables, and as files in a new folder below `folder`
   * where they are asked for as files, readable by the owner alone. A value is looked for in the
   * project and domain, then in the domain for all projects, then globally. A group takes no part in
   * that, as with Flyte's own store.
   *
   * A variable is named as asked for, otherwise as Flyte's SDKs name it; it stands in
   * `_UNION_<KEY>`, too. A file is `<KEY>`, and `<GROUP>/<KEY>` too when there is a group;
   * `FLYTE_SECRETS_DEFAULT_DIR` names their folder, because `/etc/flyte/secrets`, where a cluster has
   * it, is not a process's own.
   *
   * @throws FlyteError `not_found` naming every secret that is missing, where it was looked for and
   * the remedy; `invalid_input` for a value that cannot be given as asked for; `precondition_failed`
   * for one that cannot be decrypted
   */
  mount(
    secrets: readonly Secret[],
    scope: { readonly project: string; readonly domain: string },
    folder: string,
  ): Promise<MountedSecrets>;
}

export interface MountedSecrets {
  readonly env: Readonly<Record<string, string>>;
  /** Values that no message may show. */
  readonly values: readonly string[];
  /** Removes the files. */
  unmount(): Promise<void>;
}
