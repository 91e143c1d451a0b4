import { resolve } from "node:path";
import { expect, test } from "vitest";
import { Image } from "./image.ts";
import { loadImage } from "./image-sources.ts";
import { toImageTag } from "./image-tag.ts";

test("a Debian base is Flyte's image of both versions", () => {
  expect(Image.fromDebianBase().spec).toEqual({
    baseImage: "ghcr.io/flyteorg/flyte:py3.12-v2.0.0",
    pythonVersion: "3.12",
    layers: [],
  });
  const other = Image.fromDebianBase({ pythonVersion: "3.11", flyteVersion: "v2.1.0.dev1+g1a2b" });
  expect(other.spec).toEqual({
    baseImage: "ghcr.io/flyteorg/flyte:py3.11-v2.1.0.dev1-g1a2b",
    pythonVersion: "3.11",
    layers: [],
  });
});

test("versions that are none are refused together, before they can be part of a name", () => {
  expect(() => Image.fromDebianBase({ pythonVersion: "3", flyteVersion: "latest/../x" })).toThrow(
    expect.objectContaining({
      code: "invalid_input",
      faults: [
        expect.objectContaining({ path: ["pythonVersion"] }),
        expect.objectContaining({ path: ["flyteVersion"] }),
      ],
    }),
  );
});

test("each step gives a new image with one more layer", () => {
  const steps: Image[] = [Image.fromBase("debian:12", { name: "tools", registry: "ghcr.io/me" })];
  const next = (change: (image: Image) => Image): void => {
    const last = steps.at(-1);
    if (last !== undefined) steps.push(change(last));
  };
  next((image) => image.withAptPackages("git", "curl"));
  next((image) => image.withPipPackages("httpx", "numpy"));
  next((image) => image.withPipPackages("torch", { pre: true, indexUrl: "https://a.example" }));
  next((image) => image.withCommands(["echo a"]));
  next((image) => image.withEnvVars({ A: "1" }));
  next((image) => image.withWorkdir("/srv"));
  const layers = [
    { kind: "apt", packages: ["git", "curl"] },
    { kind: "pip", packages: ["httpx", "numpy"] },
    { kind: "pip", packages: ["torch"], pre: true, indexUrl: "https://a.example" },
    { kind: "commands", commands: ["echo a"] },
    { kind: "env", env: { A: "1" } },
    { kind: "workdir", path: "/srv" },
  ];
  expect(steps).toHaveLength(7);
  for (const [index, { spec }] of steps.entries()) {
    expect(spec).toEqual({
      baseImage: "debian:12",
      name: "tools",
      registry: "ghcr.io/me",
      layers: layers.slice(0, index),
    });
  }
  expect(new Set(steps.map(({ uri }) => uri)).size).toBe(7);
});

test("Node.js runs as its own user, with packages and sources", () => {
  const image = Image.fromNode({ registry: "ghcr.io/me" })
    .withNpmPackages("fastify@5", { ignoreScripts: true })
    .withSourceFile("package.json", { destination: "./" })
    .withSourceFolder(new URL("../client", import.meta.url));
  expect(image.spec).toEqual({
    baseImage: "node:24-bookworm-slim",
    name: "flyte-node",
    registry: "ghcr.io/me",
    user: "1000:1000",
    layers: [
      { kind: "workdir", path: "/app" },
      { kind: "env", env: { NODE_ENV: "production", PATH: "/app/node_modules/.bin:$PATH" } },
      { kind: "npm", packages: ["fastify@5"], ignoreScripts: true },
      { kind: "copy", type: "file", source: resolve("package.json"), destination: "./" },
      { kind: "copy", type: "folder", source: import.meta.dirname, destination: "./client" },
    ],
  });
  expect(image.uri).toMatch(/^ghcr\.io\/me\/flyte-node:[0-9a-f]{32}$/);
  expect(Image.fromNode({ user: "root", nodeVersion: "22.1" }).spec).toMatchObject({
    baseImage: "node:22.1-bookworm-slim",
  });
  expect(Image.fromNode({ user: "root" }).spec).not.toHaveProperty("user");
  expect(() => Image.fromNode({ nodeVersion: "18" })).toThrow(
    "nodeVersion: is not a version of Node.js",
  );
});

test("an image whose sources are elsewhere can be described, but has no name", () => {
  const image = Image.fromNode().withSourceFolder("/nowhere/at/all");
  expect(image.spec.layers).toHaveLength(3);
  expect(() => image.uri).toThrow(
    "Cannot copy /nowhere/at/all into the image: there is no such file or folder.",
  );
});

test("an image does not change with what it was made from", () => {
  const commands = ["echo a"];
  const env = { A: "1" };
  const platforms: "linux/amd64"[] = ["linux/amd64"];
  const image = Image.fromBase("debian:12", { platforms }).withCommands(commands).withEnvVars(env);
  const before = JSON.stringify(image.spec);
  commands.push("echo b");
  env.A = "2";
  platforms.pop();
  expect(JSON.stringify(image.spec)).toBe(before);
  expect(Object.isFrozen(image.spec)).toBe(true);
});

test("an option left undefined does not count as given", () => {
  const { spec } = Image.fromBase("debian:12", { name: undefined, platforms: undefined });
  expect(Object.keys(spec)).toEqual(["baseImage", "layers"]);
  expect(Image.fromDebianBase({ flyteVersion: undefined, name: undefined }).uri).toBe(
    Image.fromDebianBase().spec.baseImage,
  );
});

test("an image is called by its base until it is another", () => {
  const base = Image.fromDebianBase();
  expect([base.name, base.uri]).toEqual(["flyte", "ghcr.io/flyteorg/flyte:py3.12-v2.0.0"]);
  const built = base.withAptPackages("git");
  expect([built.name, built.uri]).toEqual(["flyte", `flyte:${toImageTag(loadImage(built.spec))}`]);
  const named = Image.fromDebianBase({ name: "trainer", registry: "ghcr.io/me" });
  expect([named.name, named.uri]).toEqual([
    "trainer",
    `ghcr.io/me/trainer:${toImageTag(loadImage(named.spec))}`,
  ]);
});
