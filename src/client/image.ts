import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { invalidInput } from "../shared/errors.ts";
import type { ImageLayer, ImageSpec } from "./image-calls.ts";
import { imageRules } from "./image-rules.ts";
import { loadImage } from "./image-sources.ts";
import { defaultImageName, toImageName } from "./image-tag.ts";

/** Releases of Flyte and Python that a Debian base has unless others are asked for. */
const defaultFlyteVersion = "2.0.0";
const defaultPythonVersion = "3.12";
const defaultNodeVersion = "24";

/** The user `node` of Node.js's images. By numbers, so that a cluster sees that it is not root. */
const nodeUser = "1000:1000";

/** Where code and packages are in an image of Node.js. */
const nodeFolder = "/app";

/** What an image is called, and what it is built for. */
export interface ImageOptions {
  /** Last part of the image's name. @default `flyte` */
  readonly name?: string | undefined;
  /** Where the image is pushed, for example `ghcr.io/my-org`. @default the builder's own */
  readonly registry?: string | undefined;
  /** @default the builder's own */
  readonly platforms?: ImageSpec["platforms"] | undefined;
  /** For example `3.12`. For builders of control planes; with Docker the base image's Python is used. */
  readonly pythonVersion?: string | undefined;
  /**
   * Who runs in the image: a name, or numbers `UID[:GID]`. The layers are then made by root.
   *
   * @default the base image's user
   */
  readonly user?: string | undefined;
}

export interface NodeBaseOptions extends Omit<ImageOptions, "pythonVersion"> {
  /** @default `24` */
  readonly nodeVersion?: string | undefined;
  /** Last part of the image's name. @default `flyte-node` */
  readonly name?: string | undefined;
  /** Who runs in the image; `root` for the base image's own user. @default `1000:1000`, the user `node` */
  readonly user?: string | undefined;
}

export interface DebianBaseOptions extends ImageOptions {
  /** @default `3.12` */
  readonly pythonVersion?: string | undefined;
  /** The release of Flyte's Python SDK in the image. @default `2.0.0` */
  readonly flyteVersion?: string | undefined;
}

/** Where and how npm packages are installed. */
export type NpmOptions = Omit<Extract<ImageLayer, { kind: "npm" }>, "kind" | "packages">;

/** What is copied besides the source itself. */
export interface SourceFolderOptions {
  /** Path in the image, from the folder at hand unless absolute. @default a folder of the source's name */
  readonly destination?: string | undefined;
}

export interface SourceFileOptions {
  /** Path in the image; one that ends in a slash keeps the file's name. @default the folder at hand */
  readonly destination?: string | undefined;
}

/** Where and how Python packages are looked for. */
export type PipOptions = Omit<Extract<ImageLayer, { kind: "pip" }>, "kind" | "packages">;

/**
 * A container image, described by a base and what is put on it. An image never changes: each `with…`
 * gives a new one. Nothing is sent before `build`, and its parts are checked there.
 *
 * @example
 * ```ts
 * import { build, Image } from "flyte-webhook";
 *
 * const image = Image.fromDebianBase({ name: "trainer" })
 *   .withAptPackages("git")
 *   .withPipPackages("pandas>=2", "scikit-learn");
 * const { uri, run } = await build(image);
 * console.log(uri ?? run?.url);
 * ```
 */
export class Image {
  /** What it is made of, as `images.build` of a control plane takes it. */
  readonly spec: ImageSpec;

  private constructor(spec: ImageSpec) {
    this.spec = Object.freeze(spec);
  }

  /**
   * Flyte's own image: Debian with Python and Flyte's SDK. It needs no build until something is put
   * on it, or it gets a name or registry.
   *
   * @throws FlyteError `invalid_input` for versions that are none
   */
  static fromDebianBase(options: DebianBaseOptions = {}): Image {
    const {
      flyteVersion = defaultFlyteVersion,
      pythonVersion = defaultPythonVersion,
      ...rest
    } = options;
    checkVersions({ pythonVersion, flyteVersion });
    const release = flyteVersion.replace(/^v?/, "v").replaceAll("+", "-");
    const baseImage = `ghcr.io/flyteorg/flyte:py${pythonVersion}-${release}`;
    return new Image({ ...pickOptions({ ...rest, pythonVersion }), baseImage, layers: [] });
  }

  /**
   * Node.js on Debian, for apps and tasks in TypeScript: works in `/app`, runs as the user `node`, finds commands of
   * npm packages installed there.
   *
   * @example
   * ```ts
   * const image = Image.fromNode({ name: "my-app", registry: "ghcr.io/my-org" })
   *   .withNpmPackages("flyte-webhook", "fastify@5")
   *   .withSourceFolder("src");
   * ```
   *
   * @throws FlyteError `invalid_input` for a version that is none
   */
  static fromNode(options: NodeBaseOptions = {}): Image {
    const {
      nodeVersion = defaultNodeVersion,
      name = "flyte-node",
      user = nodeUser,
      ...rest
    } = options;
    checkVersions({ nodeVersion });
    const base = { ...rest, name, user: user === "root" ? undefined : user };
    return new Image({
      ...pickOptions(base),
      baseImage: `node:${nodeVersion}-bookworm-slim`,
      layers: [],
    })
      .withWorkdir(nodeFolder)
      .withEnvVars({ NODE_ENV: "production", PATH: `${nodeFolder}/node_modules/.bin:$PATH` });
  }

  /** Any image, by its name. */
  static fromBase(baseImage: string, options: ImageOptions = {}): Image {
    return new Image({ ...pickOptions(options), baseImage, layers: [] });
  }

  /** Last part of the image's name. */
  get name(): string {
    return this.spec.name ?? defaultImageName;
  }

  /**
   * `[registry/]name:tag`, or the base image while there is nothing to build. Reads what the image copies.
   *
   * @throws FlyteError `invalid_input` when that cannot be read
   */
  get uri(): string {
    return toImageName(loadImage(this.spec));
  }

  /** Debian packages: `NAME`, `NAME=VERSION` or `NAME:ARCHITECTURE`. */
  withAptPackages(...packages: readonly string[]): Image {
    return this.#with({ kind: "apt", packages });
  }

  /** Python packages by their requirements (PEP 508); options may come last. */
  withPipPackages(...packages: readonly string[] | readonly [...string[], PipOptions]): Image {
    return this.#with({ ...splitOptions<PipOptions>(packages), kind: "pip" });
  }

  /**
   * npm packages, with their dependencies: `NAME`, `NAME@VERSION` or `@SCOPE/NAME@RANGE`; options may come last. They
   * are installed into the folder at hand, or with `global: true` as commands.
   */
  withNpmPackages(...packages: readonly string[] | readonly [...string[], NpmOptions]): Image {
    return this.#with({ ...splitOptions<NpmOptions>(packages), kind: "npm" });
  }

  /**
   * A file of this machine. It is read when the image is built, and when its name is asked for.
   *
   * @param source path from the current folder, or `new URL("./file", import.meta.url)`
   */
  withSourceFile(source: string | URL, { destination = "." }: SourceFileOptions = {}): Image {
    return this.#with({ kind: "copy", type: "file", source: toPath(source), destination });
  }

  /**
   * The content of a folder of this machine, but what its `.dockerignore` lists, and folders `.git` and
   * `node_modules`. It is read when the image is built, and when its name is asked for.
   *
   * @param source path from the current folder, or `new URL("./folder", import.meta.url)`
   */
  withSourceFolder(source: string | URL, options: SourceFolderOptions = {}): Image {
    const path = toPath(source);
    const { destination = `./${basename(path)}` } = options;
    return this.#with({ kind: "copy", type: "folder", source: path, destination });
  }

  /** Shell commands, in order, each run by `/bin/sh`. */
  withCommands(commands: readonly string[]): Image {
    return this.#with({ kind: "commands", commands: [...commands] });
  }

  /**
   * Environment variables. They are stored in the image: no place for a secret. `$NAME` and `${NAME}` stand for what
   * the image has by that name, as in `PATH: "/opt/bin:$PATH"`.
   */
  withEnvVars(env: Readonly<Record<string, string>>): Image {
    return this.#with({ kind: "env", env: { ...env } });
  }

  /** The folder that commands and tasks begin in. */
  withWorkdir(path: string): Image {
    return this.#with({ kind: "workdir", path });
  }

  #with(layer: ImageLayer): Image {
    return new Image({ ...this.spec, layers: [...this.spec.layers, layer] });
  }
}

function checkVersions(
  versions: Partial<Record<"pythonVersion" | "flyteVersion" | "nodeVersion", string>>,
): void {
  const faults = (["pythonVersion", "flyteVersion", "nodeVersion"] as const).flatMap((part) => {
    const { holds, message } = imageRules[part];
    const version = versions[part];
    return version === undefined || holds(version) ? [] : [{ path: [part], message }];
  });
  if (faults.length > 0) throw invalidInput(faults);
}

/** The packages, and the options that may come last. */
function splitOptions<T extends object>(
  given: readonly (string | T)[],
): Partial<T> & { readonly packages: readonly string[] } {
  const last = given.at(-1);
  const options: Partial<T> = typeof last === "object" ? last : {};
  return { ...options, packages: given.filter((part) => typeof part === "string") };
}

function toPath(source: string | URL): string {
  return source instanceof URL ? fileURLToPath(source) : resolve(source);
}

/** Only what is given: an option left undefined must not count as one. */
function pickOptions({
  name,
  registry,
  platforms,
  pythonVersion,
  user,
}: ImageOptions): Partial<ImageSpec> {
  return {
    ...(name !== undefined && { name }),
    ...(registry !== undefined && { registry }),
    ...(platforms !== undefined && { platforms: [...platforms] }),
    ...(pythonVersion !== undefined && { pythonVersion }),
    ...(user !== undefined && { user }),
  };
}
