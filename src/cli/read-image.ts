import { Image } from "../client/image.ts";
import type { ImageSpec } from "../client/image-calls.ts";
import { FlyteError } from "../shared/errors.ts";
import { loadImageOf } from "./load-image.ts";

/** What the command line says about an image. */
export interface ImageCommandOptions {
  readonly base?: string;
  readonly node?: string | true;
  readonly apt?: readonly string[];
  readonly pip?: readonly string[];
  readonly npm?: readonly string[];
  readonly imageName?: string;
  readonly registry?: string;
  readonly platform?: readonly string[];
}

/**
 * The image of a file, or of options. Name, registry and platforms may be given for both.
 *
 * @throws FlyteError `invalid_config` when neither or both say what the image is
 */
export async function readImage(
  file: string | undefined,
  name: string | undefined,
  options: ImageCommandOptions,
): Promise<ImageSpec> {
  const own = (["base", "node", "apt", "pip", "npm"] as const).find(
    (option) => options[option] !== undefined,
  );
  if (file !== undefined && own !== undefined) {
    throw new FlyteError(
      "invalid_config",
      `--${own} cannot be given together with a file: the file says what the image is.`,
    );
  }
  const { spec } = file === undefined ? describedImage(options) : await loadImageOf(file, name);
  const { imageName, registry, platform } = options;
  return {
    ...spec,
    ...(imageName !== undefined && { name: imageName }),
    ...(registry !== undefined && { registry }),
    // What is no platform is refused with the other parts of the image.
    ...(platform !== undefined && { platforms: platform as NonNullable<ImageSpec["platforms"]> }),
  };
}

function describedImage({ base, node, apt, pip, npm }: ImageCommandOptions): Image {
  if (base !== undefined && node !== undefined) {
    throw new FlyteError("invalid_config", "Give --base or --node, not both.");
  }
  if (base === undefined && node === undefined) {
    throw new FlyteError(
      "invalid_config",
      "Say what to build: a file that exports an image or an app environment, or --base IMAGE, or --node.",
    );
  }
  let image =
    base === undefined
      ? Image.fromNode(typeof node === "string" ? { nodeVersion: node } : {})
      : Image.fromBase(base);
  if (apt !== undefined) image = image.withAptPackages(...apt);
  if (pip !== undefined) image = image.withPipPackages(...pip);
  if (npm !== undefined) image = image.withNpmPackages(...npm);
  return image;
}
