import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { Image } from "../client/image.ts";
import { FlyteError } from "../shared/errors.ts";
import { nearestName } from "../shared/nearest-name.ts";
import { entryFile } from "../shared/package-files.ts";
import { loadFile } from "./load-file.ts";

/** The package as the file sees it: the same copy, so that its images are known. */
type Package = Pick<typeof import("../index.ts"), "AppEnvironment" | "Image">;

/**
 * Loads a file and finds the image it exports, by itself or as the image of an app environment.
 *
 * @param name of the export, of the environment or of the image; without it the only one
 * @throws FlyteError `invalid_config` when the file cannot be loaded, and when no image or no single one is
 * meant, naming those there are
 */
export async function loadImageOf(file: string, name?: string): Promise<Image> {
  const exported = await loadFile(file, "an image or an app environment that has one");
  const package_ = (await import(pathToFileURL(entryFile("index")).href)) as Package;
  const images = new Map<Image, readonly string[]>();
  for (const [key, value] of Object.entries(exported)) {
    const isEnvironment = value instanceof package_.AppEnvironment;
    const image: unknown = isEnvironment ? value.image : value;
    if (!(image instanceof package_.Image)) continue;
    const names = isEnvironment ? [key, value.name] : [key];
    images.set(image, [...(images.get(image) ?? []), ...names]);
  }
  return choose(images, basename(file), name);
}

function choose(
  images: ReadonlyMap<Image, readonly string[]>,
  file: string,
  name: string | undefined,
): Image {
  const all = [...images];
  const [only] = all;
  if (only === undefined) {
    throw new FlyteError(
      "invalid_config",
      `${file} exports no image; export what Image.fromNode, Image.fromDebianBase or Image.fromBase gives, or an app environment with such an image.`,
    );
  }
  const keys = all.map(([, [key = ""]]) => key).join(", ");
  if (name === undefined) {
    if (all.length === 1) return only[0];
    throw new FlyteError(
      "invalid_config",
      `${file} exports ${all.length} images; name one of: ${keys}.`,
    );
  }
  const meant =
    all.find(([, names]) => names.includes(name)) ?? all.find(([image]) => image.name === name);
  if (meant !== undefined) return meant[0];
  const nearest = nearestName(name, [...images.values()].flat());
  const question = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  throw new FlyteError(
    "invalid_config",
    `${file} exports no image ${JSON.stringify(name)}; it has: ${keys}.${question}`,
  );
}
