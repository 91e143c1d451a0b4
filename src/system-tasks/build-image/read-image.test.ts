import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printDockerfile, toDockerfile } from "../../app/image/dockerfile.ts";
import { Image } from "../../client/image.ts";
import { toImageBytes } from "../../client/image-message.ts";
import { ImageSpecSchema, type LayerSchema } from "../../idl/images.ts";
import { FlyteError } from "../../shared/errors.ts";
import { BuildFailure } from "./build-failure.ts";
import { readImage } from "./read-image.ts";

type LayerChoice = NonNullable<MessageInitShape<typeof LayerSchema>["layer"]>;

function bytesOf(layer: LayerChoice, baseImage = "debian:12"): Uint8Array {
  return toBinary(ImageSpecSchema, create(ImageSpecSchema, { baseImage, layers: [{ layer }] }));
}

function failureOf(bytes: Uint8Array): Pick<BuildFailure, "code" | "message"> {
  try {
    readImage(bytes);
  } catch (error) {
    if (error instanceof BuildFailure) return error;
    throw error;
  }
  throw new Error("it was read");
}

test("what this package sends is built as it would be built here", () => {
  const names = fc.array(fc.constantFrom("git", "curl", "httpx"), { minLength: 1, maxLength: 3 });
  const flag = fc.boolean();
  fc.assert(
    fc.property(names, names, flag, names, (apt, pip, pre, values) => {
      const image = Image.fromDebianBase({ pythonVersion: "3.11", platforms: ["linux/arm64"] })
        .withAptPackages(...apt)
        .withPipPackages(...pip, { pre, indexUrl: "https://i.example", extraArgs: "--no-deps" })
        .withPipPackages(...pip)
        .withCommands(values)
        .withEnvVars(Object.fromEntries(values.map((value) => [value, value])))
        .withWorkdir("/srv");
      const { layers, ...spec } = image.spec;
      const loaded = { ...spec, layers: layers.filter((layer) => layer.kind !== "copy") };
      const { plan, ...asked } = readImage(toImageBytes(loaded));
      expect(printDockerfile(plan)).toBe(toDockerfile(loaded));
      expect(asked).toEqual({ platforms: ["linux/arm64"], pythonVersion: "3.11" });
    }),
  );
});

describe("layers that cannot be built are refused by their name", () => {
  const secretMounts = [{ key: "token" }];
  test.each<[string, LayerChoice]>([
    ["a project of uv (uv_project)", { case: "uvProject", value: { pyproject: "a" } }],
    ["a project of Poetry (poetry_project)", { case: "poetryProject", value: { pyproject: "a" } }],
    ["a folder of wheels (python_wheels)", { case: "pythonWheels", value: { dir: "a" } }],
    ["a file of requirements (requirements)", { case: "requirements", value: { file: "a" } }],
    [
      "a step with secret mounts",
      { case: "aptPackages", value: { packages: ["a"], secretMounts } },
    ],
    ["a step with secret mounts", { case: "commands", value: { cmd: ["a"], secretMounts } }],
    ["of a kind it does not know", { case: undefined }],
  ])("%s", (what, layer) => {
    const { code, message } = failureOf(bytesOf(layer));
    expect(code).toBe("UnsupportedLayer");
    expect(message).toContain(`Layer 1 of the image is ${what}, which the devbox's builder`);
  });
});

test.each<[string, LayerChoice]>([
  ["layers[0].packages[0]", { case: "aptPackages", value: { packages: ["a b"] } }],
  ["layers[0].packages[0]", { case: "pipPackages", value: { packages: ["--pre"] } }],
  ["layers[0].commands[0]", { case: "commands", value: { cmd: ["a\nUSER root"] } }],
  ["layers[0].path", { case: "workdir", value: { workdir: "a" } }],
  ["layers[0].destination", { case: "copyConfig", value: { src: "a", dst: "../b" } }],
  ["layers[0].env", { case: "env", value: { envVariables: {} } }],
])("a part that breaks a rule is named: %s", (path, layer) => {
  const { code, message } = failureOf(bytesOf(layer));
  expect(code).toBe("InvalidImage");
  expect(message).toMatch(new RegExp(`^${path.replace(/[[\]]/g, "\\$&")}`));
});

test("a base image that is none, and bytes that are no image", () => {
  const layer: LayerChoice = { case: "workdir", value: { workdir: "/a" } };
  expect(failureOf(bytesOf(layer, "a\nRUN id")).message).toMatch(/^baseImage: is not the name/);
  expect(failureOf(Buffer.from("\u00ff\u00ff")).code).toBe("InvalidImage");
});

describe("what is copied", () => {
  test.each([
    ["sources/0", "sources/0"],
    ["./a/b", "a/b"],
    ["a//b/", "a/b/"],
    [".", "."],
    ["a b", "a b"],
  ])("%j is a path in the context", (src, from) => {
    const { plan } = readImage(bytesOf({ case: "copyConfig", value: { src, dst: "x" } }));
    expect(plan.steps).toEqual([{ kind: "copy", from, to: "x" }]);
  });

  test.each(["/etc", "..", "../a", "a/../../b", "a*", "a?", "[a]", "a\\b", "a\nb"])(
    "%j is none",
    (src) => {
      const { code } = failureOf(bytesOf({ case: "copyConfig", value: { src, dst: "x" } }));
      expect(code).toBe("InvalidImage");
    },
  );
});

test("whatever the bytes, they are read or refused, with a Dockerfile of known instructions", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.string(), (bytes, text) => {
      const commands: LayerChoice = { case: "commands", value: { cmd: [text] } };
      for (const given of [bytes, bytesOf(commands)]) {
        try {
          const lines = printDockerfile(readImage(given).plan).trimEnd().split("\n");
          expect(lines.every((line) => /^(FROM|RUN|ENV|COPY|WORKDIR) /.test(line))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(BuildFailure);
          expect(FlyteError.is(error)).toBe(false);
        }
      }
    }),
  );
});
