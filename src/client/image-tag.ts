import { createHash } from "node:crypto";
import type { ImageLayer, ImageSpec } from "./image-calls.ts";

/** The name of an image that is given none. */
export const defaultImageName = "flyte";

/** The registry whose images are named without it: the builder puts them into its own. */
const flyteRegistry = "ghcr.io/flyteorg";

/** Whether an image is its base image, so that there is nothing to build. */
export function isBaseImage({ layers, name, registry }: ImageSpec): boolean {
  return layers.length === 0 && name === undefined && registry === undefined;
}

/**
 * The tag of an image: the MD5, in hexadecimal, of its base image and of what each layer holds.
 * Flyte's SDKs give the same one, so what one of them built is found by the others. Name, registry,
 * platforms and version of Python do not count.
 */
export function toImageTag({ baseImage, layers }: ImageSpec): string {
  const hash = createHash("md5").update(baseImage);
  for (const layer of layers) hash.update(toHashInput(layer));
  return hash.digest("hex");
}

/** What the control plane knows an image by (`flyteidl2.imagebuilder.ImageIdentifier.name`). */
export function toImageId(image: ImageSpec): string {
  return `${image.name ?? defaultImageName}:${toImageTag(image)}`;
}

/** `[registry/]name:tag` of an image that is built, else its base image. */
export function toImageName(image: ImageSpec): string {
  if (isBaseImage(image)) return image.baseImage;
  const { registry } = image;
  return registry === undefined ? toImageId(image) : `${registry}/${toImageId(image)}`;
}

/** The name that the builder is told; without a registry it chooses its own. */
export function toTargetImage(image: ImageSpec): string {
  return image.registry === flyteRegistry ? toImageId(image) : toImageName(image);
}

/** Parts follow each other without a separator. */
function toHashInput(layer: ImageLayer): string {
  switch (layer.kind) {
    case "apt":
      return layer.packages.join("");
    case "pip": {
      const { indexUrl = "", extraIndexUrls = [], extraArgs = "" } = layer;
      const pre = layer.pre === true ? "True" : "";
      return [indexUrl, ...extraIndexUrls, pre, extraArgs, ...layer.packages].join("");
    }
    case "commands":
      return layer.commands.join("");
    case "env":
      return Object.entries(layer.env)
        .map(([name, value]) => `${name}=${value}`)
        .join(" ");
    case "workdir":
      return layer.path;
  }
}
