import type { CallOptions, Scope } from "./control-plane.ts";

/**
 * Where a secret holds. Project and domain default to those of the control plane; `global` reaches
 * further: to all projects of `domain` when that is given, otherwise everywhere.
 */
export interface SecretScope extends Partial<Scope> {
  /** Whether it is for all projects; then there is no `project`. @default false */
  readonly global?: boolean;
}

export interface SecretRef extends SecretScope {
  /** Letters, digits, dashes and underscores. */
  readonly name: string;
}

/** What a secret is for: `image_pull` ones are credentials of an image registry. */
export type SecretType = "regular" | "image_pull";

/** A secret with its value. */
export interface SecretValue extends SecretRef {
  /** Kept as it is, a line break at its end too. Of a file, its bytes. */
  readonly value: string | Uint8Array;
  /** @default "regular" */
  readonly type?: SecretType;
}

/** What the control plane tells of a secret, which is never its value. */
export interface SecretStatus {
  readonly name: string;
  /** Undefined for one that holds in all projects. */
  readonly project: string | undefined;
  /** Undefined for one that holds everywhere. */
  readonly domain: string | undefined;
  readonly type: SecretType;
  readonly createdAt: Date | undefined;
  /** Whether every cluster has it. */
  readonly presence: "full" | "partial" | "unknown";
}

/** The calls about secrets. */
export interface SecretCalls {
  /**
   * Stores a secret that is not there yet.
   *
   * @throws FlyteError `conflict` when it is; `permission_denied` without the right to deploy in its
   * scope
   */
  create(secret: SecretValue, options?: CallOptions): Promise<void>;
  /** Replaces the value of a secret. @throws FlyteError `not_found` when there is none */
  update(secret: SecretValue, options?: CallOptions): Promise<void>;
  /** @throws FlyteError `not_found` when there is no such secret in exactly this scope */
  get(secret: SecretRef, options?: CallOptions): Promise<SecretStatus>;
  /** The secrets of exactly one scope, by name as far as the control plane sorts them. */
  list(
    scope?: SecretScope,
    options?: CallOptions & { readonly limit?: number },
  ): Promise<readonly SecretStatus[]>;
  /** @throws FlyteError `not_found` when there is no such secret in exactly this scope */
  delete(secret: SecretRef, options?: CallOptions): Promise<void>;
}
