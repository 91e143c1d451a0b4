import { homedir } from "node:os";
import { mergeSources } from "../client/config/merge-sources.ts";
import { readSources } from "../client/config/sources.ts";
import type { ImageSpec } from "../client/image-calls.ts";
import { isBaseImage } from "../client/image-tag.ts";

/** What the configuration says about images. */
export interface ImageSettings {
  /** `image.builder` */
  readonly builder: "local" | "remote" | undefined;
  /** `image.registry` */
  readonly registry: string | undefined;
}

/**
 * Reads the section `image` of the environment and of the configuration file; no control plane has to be configured.
 *
 * @param configFile in place of the one that is found
 * @throws FlyteError `invalid_config` for values and files that are not valid
 */
export async function readImageSettings(configFile: string | undefined): Promise<ImageSettings> {
  const surroundings = { env: process.env, cwd: process.cwd(), home: homedir() };
  const sources = await readSources({}, surroundings, { configFile, apiKeys: false });
  const { imageBuilder: builder, imageRegistry: registry } = mergeSources(sources);
  return { builder, registry };
}

/** Puts an image that names no registry into the configured one. What needs no build stays where it is. */
export function withRegistry(image: ImageSpec, { registry }: ImageSettings): ImageSpec {
  if (registry === undefined || image.registry !== undefined || isBaseImage(image)) return image;
  return { ...image, registry };
}
