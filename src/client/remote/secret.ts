import type { CallOptions, ControlPlane } from "../control-plane.ts";
import type { SecretRef, SecretScope, SecretStatus, SecretValue } from "../secret-calls.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote-options.ts";

/**
 * A secret that a control plane keeps. Its value can be stored and replaced, never read: tasks and
 * apps that ask for it get it. Without project and domain it is one of those of the control plane;
 * `global` makes it one for all projects.
 *
 * @example
 * ```ts
 * import { remote } from "flyte-webhook";
 *
 * await remote.Secret.create({ name: "openai-api-key", value: "sk-…" });
 * for (const { name, status } of await remote.Secret.list()) console.log(name, status.createdAt);
 * ```
 */
export class Secret {
  readonly #controlPlane: ControlPlane;
  readonly status: SecretStatus;

  private constructor(controlPlane: ControlPlane, status: SecretStatus) {
    this.#controlPlane = controlPlane;
    this.status = status;
  }

  /** Stores a secret. @throws FlyteError `conflict` when it is there */
  static async create(secret: SecretValue, options: RemoteOptions = {}): Promise<void> {
    await controlPlaneOf(options).secrets.create(secret, options);
  }

  /** Replaces a secret's value. @throws FlyteError `not_found` when there is none */
  static async update(secret: SecretValue, options: RemoteOptions = {}): Promise<void> {
    await controlPlaneOf(options).secrets.update(secret, options);
  }

  /** Finds a secret. @throws FlyteError `not_found` when there is none of exactly this scope */
  static async get(secret: SecretRef, options: RemoteOptions = {}): Promise<Secret> {
    const controlPlane = controlPlaneOf(options);
    return new Secret(controlPlane, await controlPlane.secrets.get(secret, options));
  }

  /** The secrets of exactly one scope. */
  static async list(
    scope: SecretScope = {},
    options: RemoteOptions & { readonly limit?: number } = {},
  ): Promise<readonly Secret[]> {
    const controlPlane = controlPlaneOf(options);
    const found = await controlPlane.secrets.list(scope, options);
    return found.map((status) => new Secret(controlPlane, status));
  }

  get name(): string {
    return this.status.name;
  }

  /** Deletes the secret. What runs keeps what it was given. */
  async delete(options: CallOptions = {}): Promise<void> {
    const { name, project, domain } = this.status;
    const scope =
      project === undefined || domain === undefined
        ? { global: true, ...(domain !== undefined && { domain }) }
        : { project, domain };
    await this.#controlPlane.secrets.delete({ name, ...scope }, options);
  }
}
