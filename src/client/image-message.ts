import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ImageSpecSchema, type LayerSchema } from "../idl/images.ts";
import { toContextFolder, toCopyTarget } from "./image-context.ts";
import type { LoadedImage, LoadedLayer } from "./image-sources.ts";
import { toNpmCommand } from "./npm-command.ts";

/**
 * An image as the builder reads it: a serialised `flyteidl2.imagebuilder.ImageSpec`. It knows no npm, whose packages
 * are installed by a command.
 */
export function toImageBytes(image: LoadedImage): Uint8Array {
  const { baseImage, pythonVersion = "", platforms = [], layers } = image;
  const message = create(ImageSpecSchema, {
    baseImage,
    pythonVersion,
    platform: [...platforms],
    layers: layers.map((layer, index) => ({ layer: toLayer(layer, index) })),
  });
  return toBinary(ImageSpecSchema, message);
}

type LayerChoice = NonNullable<MessageInitShape<typeof LayerSchema>["layer"]>;

function toLayer(layer: LoadedLayer, index: number): LayerChoice {
  switch (layer.kind) {
    case "apt":
      return { case: "aptPackages", value: { packages: [...layer.packages] } };
    case "pip": {
      const { packages, indexUrl = "", extraIndexUrls = [], pre = false, extraArgs = "" } = layer;
      const options = { indexUrl, extraIndexUrls: [...extraIndexUrls], pre, extraArgs };
      return { case: "pipPackages", value: { packages: [...packages], options } };
    }
    case "npm":
      return { case: "commands", value: { cmd: [toNpmCommand(layer)] } };
    case "copy": {
      const { folder } = toCopyTarget(layer);
      return { case: "copyConfig", value: { src: toContextFolder(index), dst: folder } };
    }
    case "commands":
      return { case: "commands", value: { cmd: [...layer.commands] } };
    case "env":
      return { case: "env", value: { envVariables: { ...layer.env } } };
    case "workdir":
      return { case: "workdir", value: { workdir: layer.path } };
  }
}
