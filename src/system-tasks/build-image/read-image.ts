import { posix } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import type { BuildPlan, BuildStep } from "../../app/image/dockerfile.ts";
import type { ImageLayer, ImageSpec } from "../../client/image-calls.ts";
import { checkImage } from "../../client/image-faults.ts";
import { ImageSpecSchema, type Layer, type ImageSpec as Message } from "../../idl/images.ts";
import { asFailure, BuildFailure } from "./build-failure.ts";

/** An image as its builder was asked for it. */
export interface RequestedImage {
  readonly plan: BuildPlan;
  /** Empty for the builder's own. */
  readonly platforms: readonly string[];
  readonly pythonVersion: string | undefined;
}

/**
 * Reads a serialised `flyteidl2.imagebuilder.ImageSpec`, whoever has written it: its parts keep the rules of
 * images that this package describes itself.
 *
 * @throws BuildFailure `InvalidImage`, naming every part that breaks a rule; `UnsupportedLayer`
 */
export function readImage(bytes: Uint8Array): RequestedImage {
  const { baseImage, pythonVersion, platform, layers } = parse(bytes);
  const image: ImageSpec = {
    baseImage,
    ...(pythonVersion !== "" && { pythonVersion }),
    // What is no platform is refused with the other parts.
    ...(platform.length > 0 && { platforms: platform as NonNullable<ImageSpec["platforms"]> }),
    layers: layers.map(toLayer),
  };
  asFailure("InvalidImage", () => checkImage(image));
  return {
    plan: { baseImage, steps: image.layers.map(toStep) },
    platforms: platform,
    pythonVersion: image.pythonVersion,
  };
}

function parse(bytes: Uint8Array): Message {
  try {
    return fromBinary(ImageSpecSchema, bytes);
  } catch (error) {
    throw new BuildFailure("InvalidImage", "The specification is no ImageSpec of Flyte.", error);
  }
}

function toLayer({ layer }: Layer, index: number): ImageLayer {
  const refuse = (what: string): BuildFailure =>
    new BuildFailure(
      "UnsupportedLayer",
      `Layer ${index + 1} of the image is ${what}, which the devbox's builder cannot build. Write it as packages or commands, or build the image with Docker yourself.`,
    );
  switch (layer.case) {
    case "aptPackages":
    case "pipPackages":
    case "commands":
      if (layer.value.secretMounts.length > 0) throw refuse("a step with secret mounts");
      break;
    case "requirements":
      throw refuse("a file of requirements (requirements)");
    case "pythonWheels":
      throw refuse("a folder of wheels (python_wheels)");
    case "uvProject":
      throw refuse("a project of uv (uv_project)");
    case "poetryProject":
      throw refuse("a project of Poetry (poetry_project)");
    case undefined:
      throw refuse("of a kind it does not know");
  }
  switch (layer.case) {
    case "aptPackages":
      return { kind: "apt", packages: layer.value.packages };
    case "pipPackages":
      return toPipLayer(layer.value);
    case "commands":
      return { kind: "commands", commands: layer.value.cmd };
    case "workdir":
      return { kind: "workdir", path: layer.value.workdir };
    case "copyConfig": {
      const { src, dst } = layer.value;
      return { kind: "copy", type: "folder", source: src, destination: dst };
    }
    case "env":
      return { kind: "env", env: layer.value.envVariables };
  }
}

function toPipLayer({
  packages,
  options,
}: Extract<Layer["layer"], { case: "pipPackages" }>["value"]): ImageLayer {
  const { indexUrl = "", extraIndexUrls = [], pre = false, extraArgs = "" } = options ?? {};
  return {
    kind: "pip",
    packages,
    ...(indexUrl !== "" && { indexUrl }),
    ...(extraIndexUrls.length > 0 && { extraIndexUrls }),
    ...(pre && { pre }),
    ...(extraArgs !== "" && { extraArgs }),
  };
}

/** Docker would take `*`, `?` and `[` in a path for patterns. */
function toStep(layer: ImageLayer, index: number): BuildStep {
  if (layer.kind !== "copy") return layer;
  const from = posix.normalize(layer.source);
  if (from.startsWith("/") || /^\.\.(?:\/|$)/.test(from) || /[*?[\]\\\p{Cc}]/u.test(from)) {
    throw new BuildFailure(
      "InvalidImage",
      `layers[${index}].src: is not a plain path in the context`,
    );
  }
  return { kind: "copy", from, to: layer.destination };
}
