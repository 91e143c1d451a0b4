import type { CallOptions, RunStatus, Scope } from "./control-plane.ts";

/** One step of an image, in the order given; each changes the image's tag. */
export type ImageLayer =
  | { readonly kind: "apt"; readonly packages: readonly string[] }
  | {
      readonly kind: "pip";
      readonly packages: readonly string[];
      readonly indexUrl?: string;
      readonly extraIndexUrls?: readonly string[];
      /** Allows releases that are not final. */
      readonly pre?: boolean;
      readonly extraArgs?: string;
    }
  | { readonly kind: "commands"; readonly commands: readonly string[] }
  | { readonly kind: "env"; readonly env: Readonly<Record<string, string>> }
  | { readonly kind: "workdir"; readonly path: string };

/** A container image by what it is made of. */
export interface ImageSpec {
  readonly baseImage: string;
  /** Last part of the image's name. @default `flyte` */
  readonly name?: string;
  readonly registry?: string;
  /** For example `3.12`. */
  readonly pythonVersion?: string;
  readonly platforms?: readonly ("linux/amd64" | "linux/arm64")[];
  readonly layers: readonly ImageLayer[];
}

export interface BuildOptions extends CallOptions, Partial<Scope> {
  /** Builds even when the image exists. @default false */
  readonly force?: boolean;
}

export interface ImageBuild {
  /** `[registry/]name:tag`; the tag is the MD5 of base image and layers. */
  readonly name: string;
  /** Where the image is; undefined while it is being built. */
  readonly uri: string | undefined;
  /** The run that builds it; undefined when nothing has to be built. */
  readonly run: RunStatus | undefined;
}

/** The calls about images. */
export interface ImageCalls {
  /**
   * Starts the build of an image, unless it exists or needs none. Nothing is kept across callers:
   * each call asks the control plane.
   *
   * @throws FlyteError `invalid_input` for a package or platform that cannot be one, `unimplemented`
   * when the control plane builds no images
   */
  build(image: ImageSpec, options?: BuildOptions): Promise<ImageBuild>;
}
