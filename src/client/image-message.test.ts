import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ImageSpecSchema } from "../idl/images.ts";
import type { ImageLayer, ImageSpec } from "./image-calls.ts";
import { toImageBytes } from "./image-message.ts";

const texts = fc.array(fc.string(), { maxLength: 4 });

const layer: fc.Arbitrary<ImageLayer> = fc.oneof(
  fc.record({ kind: fc.constant("apt" as const), packages: texts }),
  fc.record({
    kind: fc.constant("pip" as const),
    packages: texts,
    indexUrl: fc.string(),
    extraIndexUrls: texts,
    pre: fc.boolean(),
    extraArgs: fc.string(),
  }),
  fc.record({ kind: fc.constant("commands" as const), commands: texts }),
  fc.record({
    kind: fc.constant("env" as const),
    env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,5}$/), fc.string()),
  }),
  fc.record({ kind: fc.constant("workdir" as const), path: fc.string() }),
);

const image: fc.Arbitrary<ImageSpec> = fc.record({
  baseImage: fc.string(),
  pythonVersion: fc.string(),
  platforms: fc.subarray(["linux/amd64", "linux/arm64"] as const),
  layers: fc.array(layer, { maxLength: 5 }),
});

/** The image that the bytes tell of. */
function read(bytes: Uint8Array): ImageSpec {
  const { baseImage, pythonVersion, platform, layers } = fromBinary(ImageSpecSchema, bytes);
  const platforms = platform as NonNullable<ImageSpec["platforms"]>; // Only those were written.
  return {
    baseImage,
    pythonVersion,
    platforms,
    layers: layers.map(({ layer: { case: kind, value } }): ImageLayer => {
      if (kind === "aptPackages") return { kind: "apt", packages: value.packages };
      if (kind === "commands") return { kind: "commands", commands: value.cmd };
      if (kind === "env") return { kind: "env", env: value.envVariables };
      if (kind === "workdir") return { kind: "workdir", path: value.workdir };
      if (kind !== "pipPackages") return expect.unreachable(kind);
      const {
        indexUrl = "",
        extraIndexUrls = [],
        pre = false,
        extraArgs = "",
      } = {
        ...value.options,
      };
      return { kind: "pip", packages: value.packages, indexUrl, extraIndexUrls, pre, extraArgs };
    }),
  };
}

test("the builder reads what the image is made of, in its order", () => {
  fc.assert(
    fc.property(image, (given) => {
      expect(read(toImageBytes(given))).toEqual(given);
    }),
  );
});

test("the same image has the same bytes, so that it is stored once", () => {
  fc.assert(
    fc.property(image, (given) => {
      expect(toImageBytes(structuredClone(given))).toEqual(toImageBytes(given));
    }),
  );
});
