import { Image } from "../../client/image.ts";
import type { BuildOptions, ImageBuild, ImageSpec } from "../../client/image-calls.ts";
import { controlPlaneOf, type RemoteOptions } from "../../client/remote/remote-options.ts";
import { Run } from "../../client/remote/run.ts";
import { buildLocally, type LocalBuildOptions } from "./build-locally.ts";

/** How an image is built, and where. */
export interface BuildImageOptions extends BuildOptions, RemoteOptions {
  /**
   * Who builds: the control plane, or `docker buildx` on this machine. Docker takes `force`, `push`, `onOutput` and
   * `signal` of the options.
   *
   * @default `remote`
   */
  readonly builder?: "remote" | "local" | undefined;
  /** Pushes what Docker has built to the image's registry. The control plane's builder always does. @default false */
  readonly push?: LocalBuildOptions["push"];
  /** Gets each line that Docker writes about its progress. */
  readonly onOutput?: LocalBuildOptions["onOutput"];
}

/** An image that exists, or the run that builds it. */
export interface StartedBuild extends Omit<ImageBuild, "run"> {
  /** Its output `o0` is where the image is. Undefined when nothing has to be built, and with Docker. */
  readonly run: Run | undefined;
}

/**
 * Builds an image. The control plane's builder is started, unless the image exists or needs none, and not
 * waited for. Docker is: the image is there when the call returns.
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
 * @throws FlyteError `invalid_input` naming every part that cannot be part of an image, `unimplemented` when
 * the control plane builds no images, `precondition_failed` without Docker and when its build fails
 */
export async function build(
  image: Image | ImageSpec,
  options: BuildImageOptions = {},
): Promise<StartedBuild> {
  const spec = image instanceof Image ? image.spec : image;
  if (options.builder === "local")
    return { ...(await buildLocally(spec, options)), run: undefined };
  const controlPlane = controlPlaneOf(options);
  const { run, ...found } = await controlPlane.images.build(spec, options);
  return { ...found, run: run && new Run(controlPlane, run) };
}
