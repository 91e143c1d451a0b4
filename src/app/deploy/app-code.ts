import { type CodeBundle, packCode, packFiles } from "../bundle/pack-code.ts";
import type { AppEnvironment } from "../environment/app-environment.ts";
import { declaringFile } from "../environment/declarations.ts";
import { invalidConfig, show } from "../environment/invalid-config.ts";
import type { DeployOptions } from "./deploy-options.ts";
import { type DeployedCommand, deployedCommandOf } from "./deployed-command.ts";

/** How the code of an app gets to where it runs. */
export type AppCode =
  /** It does not: the command of the environment is all there is. */
  | { readonly kind: "own-command" }
  /** A command of this package does the same. */
  | { readonly kind: "command"; readonly command: DeployedCommand }
  /** The image has it at a path. */
  | { readonly kind: "in-image"; readonly path: string }
  /** The command of the environment runs beside the files that it includes, which are uploaded. */
  | { readonly kind: "files"; readonly bundle: CodeBundle }
  /** It is uploaded. */
  | { readonly kind: "bundle"; readonly bundle: CodeBundle };

/** Packs code once, however many apps share it. */
export class CodePacker {
  readonly #bundles = new Map<string, Promise<CodeBundle>>();
  readonly #options: Pick<DeployOptions, "file" | "image" | "inImage">;

  constructor(options: Pick<DeployOptions, "file" | "image" | "inImage">) {
    this.#options = options;
  }

  /** @throws FlyteError `invalid_config` saying why the app cannot be deployed */
  async codeOf(environment: AppEnvironment): Promise<AppCode> {
    const { name, server, command = [], args = [], include } = environment;
    if (server === undefined) {
      if (command.length + args.length === 0) {
        throw invalidConfig(
          `AppEnvironment "${name}" has no server: give app, server, command or args.`,
        );
      }
      if (include.length === 0) return { kind: "own-command" };
      return { kind: "files", bundle: await this.#pack(environment, packFiles) };
    }
    const { inImage, image = environment.givenImage } = this.#options;
    if (inImage !== undefined) {
      if (image !== undefined) return { kind: "in-image", path: inImage };
      throw invalidConfig(
        `inImage ${show(inImage)} needs the image that has the file, and "${name}" names none. Give image.`,
      );
    }
    const own = deployedCommandOf(environment);
    if (own !== undefined) return { kind: "command", command: own };
    return { kind: "bundle", bundle: await this.#pack(environment, packCode) };
  }

  #pack(environment: AppEnvironment, pack: typeof packCode): Promise<CodeBundle> {
    const { file = declaringFile(environment) } = this.#options;
    if (file === undefined) {
      throw invalidConfig(
        `The file that makes the app environment "${environment.name}" is not known. Name it with file.`,
      );
    }
    const key = JSON.stringify([pack === packCode, file, environment.include]);
    const bundle = this.#bundles.get(key) ?? pack(file, environment.include);
    this.#bundles.set(key, bundle);
    return bundle;
  }
}
