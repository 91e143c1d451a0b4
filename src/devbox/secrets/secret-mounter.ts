import type { Secret } from "../../idl/security.ts";

/** Gives processes the secrets they ask for. */
export interface SecretMounter {
  /**
   * The values of the secrets as environment variables, and as files of their own below `folder` where
   * they are asked for as files, readable by the owner alone. A value is looked for in the scope itself,
   * then in its project, its domain and globally.
   *
   * @throws FlyteError `not_found` naming every secret that is missing, its scope and the remedy
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
