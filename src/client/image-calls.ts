import type { RunOptions, RunStatus, StartedRun } from "./control-plane.ts";

/**
 * One step of an image, in the order given; each changes the image's tag. Its parts end up in
 * commands of the build, so only what cannot be mistaken there is taken.
 */
export type ImageLayer =
  | {
      readonly kind: "apt";
      /** Debian packages: `NAME`, `NAME=VERSION` or `NAME:ARCHITECTURE`. */
      readonly packages: readonly string[];
    }
  | {
      readonly kind: "pip";
      /** Requirements of Python packages (PEP 508), for example `uvicorn[standard]>=0.30`. */
      readonly packages: readonly string[];
      /** In place of the public package index. */
      readonly indexUrl?: string;
      readonly extraIndexUrls?: readonly string[];
      /** Allows releases that are not final. @default false */
      readonly pre?: boolean;
      /** Further options of the installer, for example `--no-deps`. */
      readonly extraArgs?: string;
    }
  | {
      readonly kind: "npm";
      /** npm packages of a registry: `NAME`, `NAME@VERSION`, `@SCOPE/NAME@RANGE`. */
      readonly packages: readonly string[];
      /** In place of the public registry. */
      readonly registry?: string;
      /** Installs commands for the whole image, instead of packages for the folder at hand. @default false */
      readonly global?: boolean;
      /** Leaves the packages' own install scripts out. @default false */
      readonly ignoreScripts?: boolean;
    }
  | {
      readonly kind: "copy";
      readonly type: "file" | "folder";
      /** Path on this machine. Read when the image is built and when its tag is asked for. */
      readonly source: string;
      /**
       * Path in the image, from the folder at hand unless absolute. A folder's content is put there; a file too
       * when the path ends in a slash or a dot, else the file is called that.
       */
      readonly destination: string;
    }
  | {
      readonly kind: "commands";
      /** Shell commands of one line each. */
      readonly commands: readonly string[];
    }
  | {
      readonly kind: "env";
      /** Stored in the image: no place for a secret. */
      readonly env: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "workdir";
      /** Absolute path of the folder that later steps and tasks begin in. */
      readonly path: string;
    };

/** A container image by what it is made of. */
export interface ImageSpec {
  /** `[host[:port]/]path[:tag][@sha256:digest]`; needs no build without layers, name and registry. */
  readonly baseImage: string;
  /** Last part of the image's name. @default `flyte` */
  readonly name?: string;
  /** `host[:port][/path]` to push the image to. @default the builder's own */
  readonly registry?: string;
  /** For example `3.12`. */
  readonly pythonVersion?: string;
  /** @default the builder's own */
  readonly platforms?: readonly ("linux/amd64" | "linux/arm64")[];
  /**
   * Who runs in the image: a name, or numbers `UID[:GID]`. The layers are then made by root. Builders of control planes
   * cannot set it. @default the base image's user
   */
  readonly user?: string;
  readonly layers: readonly ImageLayer[];
}

/** With `name` and `fingerprint` a build that was started under both is returned, also when the image is there by now. */
export interface BuildOptions extends Omit<RunOptions, "overrides" | "overwriteCache"> {
  /** Builds even when the image exists, and uses no result of an earlier build. @default false */
  readonly force?: boolean;
}

export interface ImageBuild {
  /**
   * `[registry/]name:tag`, or the base image when that is all there is. The tag is the MD5 of base
   * image and layers, the same as that of Flyte's Python SDK for the layers it has.
   */
  readonly name: string;
  /** Where the image is; undefined while it is being built. */
  readonly uri: string | undefined;
  /** The run that builds it; undefined when nothing has to be built. */
  readonly run: StartedRun | undefined;
}

/** What a build of an image would do. */
export interface ImagePlan {
  readonly name: string;
  /** Where the image is; undefined when it has to be built. */
  readonly uri: string | undefined;
  /** The run of the name in the options that is there already and would be returned. */
  readonly existing: RunStatus | undefined;
}

/** The calls about images. */
export interface ImageCalls {
  /**
   * Starts the build of an image, unless it exists or needs none: `ImageService.GetImage`, then a
   * run of the task `build-image` of project `system`. Nothing is kept across callers: each call
   * asks the control plane as its caller.
   *
   * @throws FlyteError `invalid_input` naming every part that cannot be part of an image, or what cannot be
   * copied, `unimplemented` when the control plane builds no images or cannot set their user, `unavailable`
   * when its store does not take the specification
   */
  build(image: ImageSpec, options?: BuildOptions): Promise<ImageBuild>;
  /** Finds out whether {@link ImageCalls.build} would have to build the image, and starts nothing. */
  plan(image: ImageSpec, options?: BuildOptions): Promise<ImagePlan>;
}
