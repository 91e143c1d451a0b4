import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ImageSpecSchema, type LayerSchema } from "../idl/images.ts";
import type { ImageLayer, ImageSpec } from "./image-calls.ts";

/** An image as the builder reads it: a serialised `flyteidl2.imagebuilder.ImageSpec`. */
export function toImageBytes(image: ImageSpec): Uint8Array {
  const { baseImage, pythonVersion = "", platforms = [], layers } = image;
  const message = create(ImageSpecSchema, {
    baseImage,
    pythonVersion,
    platform: [...platforms],
    layers: layers.map((layer) => ({ layer: toLayer(layer) })),
  });
  return toBinary(ImageSpecSchema, message);
}

type LayerChoice = NonNullable<MessageInitShape<typeof LayerSchema>["layer"]>;

function toLayer(layer: ImageLayer): LayerChoice {
  switch (layer.kind) {
    case "apt":
      return { case: "aptPackages", value: { packages: [...layer.packages] } };
    case "pip": {
      const { packages, indexUrl = "", extraIndexUrls = [], pre = false, extraArgs = "" } = layer;
      const options = { indexUrl, extraIndexUrls: [...extraIndexUrls], pre, extraArgs };
      return { case: "pipPackages", value: { packages: [...packages], options } };
    }
    case "commands":
      return { case: "commands", value: { cmd: [...layer.commands] } };
    case "env":
      return { case: "env", value: { envVariables: { ...layer.env } } };
    case "workdir":
      return { case: "workdir", value: { workdir: layer.path } };
  }
}
