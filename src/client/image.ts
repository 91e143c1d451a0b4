import { invalidInput } from "../shared/errors.ts";
import type { ImageLayer, ImageSpec } from "./image-calls.ts";
import { imageRules } from "./image-rules.ts";
import { defaultImageName, toImageName } from "./image-tag.ts";

/** Releases of Flyte and Python that a Debian base has unless others are asked for. */
const defaultFlyteVersion = "2.0.0";
const defaultPythonVersion = "3.12";

/** What an image is called, and what it is built for. */
export interface ImageOptions {
  /** Last part of the image's name. @default `flyte` */
  readonly name?: string | undefined;
  /** Where the image is pushed, for example `ghcr.io/my-org`. @default the builder's own */
  readonly registry?: string | undefined;
  /** @default the builder's own */
  readonly platforms?: ImageSpec["platforms"] | undefined;
  /** For example `3.12`. */
  readonly pythonVersion?: string | undefined;
}

export interface DebianBaseOptions extends ImageOptions {
  /** @default `3.12` */
  readonly pythonVersion?: string | undefined;
  /** The release of Flyte's Python SDK in the image. @default `2.0.0` */
  readonly flyteVersion?: string | undefined;
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

  /** Any image, by its name. */
  static fromBase(baseImage: string, options: ImageOptions = {}): Image {
    return new Image({ ...pickOptions(options), baseImage, layers: [] });
  }

  /** Last part of the image's name. */
  get name(): string {
    return this.spec.name ?? defaultImageName;
  }

  /** `[registry/]name:tag`, or the base image while there is nothing to build. */
  get uri(): string {
    return toImageName(this.spec);
  }

  /** Debian packages: `NAME`, `NAME=VERSION` or `NAME:ARCHITECTURE`. */
  withAptPackages(...packages: readonly string[]): Image {
    return this.#with({ kind: "apt", packages });
  }

  /** Python packages by their requirements (PEP 508); options may come last. */
  withPipPackages(...packages: readonly [...string[], string | PipOptions]): Image {
    const last = packages.at(-1);
    const options = typeof last === "object" ? last : {};
    const names = packages.filter((given) => typeof given === "string");
    return this.#with({ ...options, kind: "pip", packages: names });
  }

  /** Shell commands, in order. */
  withCommands(commands: readonly string[]): Image {
    return this.#with({ kind: "commands", commands: [...commands] });
  }

  /** Environment variables. They are stored in the image: no place for a secret. */
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

function checkVersions(versions: {
  readonly pythonVersion: string;
  readonly flyteVersion: string;
}): void {
  const faults = (["pythonVersion", "flyteVersion"] as const).flatMap((part) => {
    const { holds, message } = imageRules[part];
    return holds(versions[part]) ? [] : [{ path: [part], message }];
  });
  if (faults.length > 0) throw invalidInput(faults);
}

/** Only what is given: an option left undefined must not count as one. */
function pickOptions({
  name,
  registry,
  platforms,
  pythonVersion,
}: ImageOptions): Partial<ImageSpec> {
  return {
    ...(name !== undefined && { name }),
    ...(registry !== undefined && { registry }),
    ...(platforms !== undefined && { platforms: [...platforms] }),
    ...(pythonVersion !== undefined && { pythonVersion }),
  };
}
