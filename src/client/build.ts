import { Image } from "./image.ts";
import type { BuildOptions, ImageBuild, ImageSpec } from "./image-calls.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote/remote-options.ts";
import { Run } from "./remote/run.ts";

/** How an image is built, and where. */
export interface BuildImageOptions extends BuildOptions, RemoteOptions {}

/** An image that exists, or the run that builds it. */
export interface StartedBuild extends Omit<ImageBuild, "run"> {
  /** Its output `o0` is where the image is. Undefined when nothing has to be built. */
  readonly run: Run | undefined;
}

/**
 * Starts the build of an image, unless it exists or needs none. Does not wait for its end.
 *
 * @example
 * ```ts
 * import { build, Image } from "flyte-webhook";
 *
 * const { uri, run } = await build(Image.fromDebianBase().withPipPackages("httpx"));
 * await run?.wait();
 * console.log(uri ?? (await run?.outputs()));
 * ```
 *
 * @throws FlyteError `invalid_input` naming every part that cannot be part of an image,
 * `unimplemented` when the control plane builds no images
 */
export async function build(
  image: Image | ImageSpec,
  options: BuildImageOptions = {},
): Promise<StartedBuild> {
  const controlPlane = controlPlaneOf(options);
  const spec = image instanceof Image ? image.spec : image;
  const { run, ...found } = await controlPlane.images.build(spec, options);
  return { ...found, run: run && new Run(controlPlane, run) };
}
