import { createHash } from "node:crypto";
import type { ImageSpec } from "./image-calls.ts";
import type { LoadedImage, LoadedLayer } from "./image-sources.ts";

/** The name of an image that is given none. */
export const defaultImageName = "flyte";

/** The registry whose images are named without it: the builder puts them into its own. */
const flyteRegistry = "ghcr.io/flyteorg";

/** What of an image says whether there is something to build. */
type IdentifiedImage = Pick<ImageSpec, "name" | "registry" | "user"> & {
  readonly layers: readonly unknown[];
};

/** Whether an image is its base image, so that there is nothing to build. */
export function isBaseImage({ layers, name, registry, user }: IdentifiedImage): boolean {
  return [name, registry, user].every((part) => part === undefined) && layers.length === 0;
}

/**
 * The tag of an image: the MD5, in hexadecimal, of its base image and of what each layer holds.
 * Flyte's SDKs give the same one, so what one of them built is found by the others. Name, registry,
 * platforms and version of Python do not count. What those SDKs do not have, npm packages and the user, counts by
 * lines of its own.
 */
export function toImageTag({ baseImage, layers, user }: LoadedImage): string {
  const hash = createHash("md5").update(baseImage);
  for (const part of layers.flatMap(toHashInputs)) hash.update(part);
  if (user !== undefined) hash.update(`user\n${user}\n`);
  return hash.digest("hex");
}

/** What the control plane knows an image by (`flyteidl2.imagebuilder.ImageIdentifier.name`). */
export function toImageId(image: LoadedImage): string {
  return `${image.name ?? defaultImageName}:${toImageTag(image)}`;
}

/** `[registry/]name:tag` of an image that is built, else its base image. */
export function toImageName(image: LoadedImage): string {
  if (isBaseImage(image)) return image.baseImage;
  const { registry } = image;
  return registry === undefined ? toImageId(image) : `${registry}/${toImageId(image)}`;
}

/** The name that the builder is told; without a registry it chooses its own. */
export function toTargetImage(image: LoadedImage): string {
  return image.registry === flyteRegistry ? toImageId(image) : toImageName(image);
}

/** Parts follow each other without a separator. */
function toHashInputs(layer: LoadedLayer): readonly (string | Uint8Array)[] {
  switch (layer.kind) {
    case "apt":
      return layer.packages;
    case "pip": {
      const { indexUrl = "", extraIndexUrls = [], extraArgs = "" } = layer;
      const pre = layer.pre === true ? "True" : "";
      return [indexUrl, ...extraIndexUrls, pre, extraArgs, ...layer.packages];
    }
    case "npm": {
      const { registry = "", global = false, ignoreScripts = false, packages } = layer;
      const parts = ["npm", registry, String(global), String(ignoreScripts), ...packages];
      return parts.map((part) => `${part}\n`);
    }
    case "copy": {
      // Slashes do not count.
      const files = layer.files.flatMap(({ bytes, path }) => [bytes, path.replaceAll("/", "")]);
      return [...files, layer.destination];
    }
    case "commands":
      return layer.commands;
    case "env": {
      const pairs = Object.entries(layer.env).map(([name, value]) => `${name}=${value}`);
      return [pairs.join(" ")];
    }
    case "workdir":
      return [layer.path];
  }
}
