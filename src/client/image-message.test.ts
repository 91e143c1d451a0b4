import { fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ImageSpecSchema } from "../idl/images.ts";
import type { ImageSpec } from "./image-calls.ts";
import { toImageBytes } from "./image-message.ts";
import type { LoadedImage, LoadedLayer } from "./image-sources.ts";

const texts = fc.array(fc.string(), { maxLength: 4 });

const layer: fc.Arbitrary<LoadedLayer> = fc.oneof(
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

const image: fc.Arbitrary<LoadedImage> = fc.record({
  baseImage: fc.string(),
  pythonVersion: fc.string(),
  platforms: fc.subarray(["linux/amd64", "linux/arm64"] as const),
  layers: fc.array(layer, { maxLength: 5 }),
});

/** The image that the bytes tell of. */
function read(bytes: Uint8Array): LoadedImage {
  const { baseImage, pythonVersion, platform, layers } = fromBinary(ImageSpecSchema, bytes);
  const platforms = platform as NonNullable<ImageSpec["platforms"]>; // Only those were written.
  return {
    baseImage,
    pythonVersion,
    platforms,
    layers: layers.map(({ layer: { case: kind, value } }): LoadedLayer => {
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

test("npm packages are a command, and copies folders of the context", () => {
  const file = { path: "a b.ts", bytes: Buffer.from("x") };
  const bytes = toImageBytes({
    baseImage: "node:24",
    layers: [
      { kind: "npm", packages: ["a@>=1", "@s/b"], registry: "https://r.example/", global: true },
      { kind: "copy", type: "folder", source: "/x", destination: "./src", files: [file] },
      { kind: "copy", type: "file", source: "/x/a b.ts", destination: "/srv/b.ts", files: [file] },
      { kind: "copy", type: "file", source: "/x/a b.ts", destination: ".", files: [file] },
    ],
  });
  expect(fromBinary(ImageSpecSchema, bytes).layers.map(({ layer }) => layer.value)).toMatchObject([
    {
      cmd: [
        "npm install --no-audit --no-fund --no-update-notifier --global --registry=https://r.example/ 'a@>=1' @s/b && npm cache clean --force",
      ],
    },
    { src: "sources/1", dst: "./src/" },
    { src: "sources/2", dst: "/srv/" },
    { src: "sources/3", dst: "./" },
  ]);
});
