import { expect, test } from "vitest";
import { FlyteError } from "../shared/errors.ts";
import type { ImageLayer, ImageSpec } from "./image-calls.ts";
import { checkImage } from "./image-faults.ts";

function faultsOf(image: ImageSpec): FlyteError["faults"] {
  try {
    checkImage(image);
  } catch (error) {
    if (FlyteError.is(error) && error.code === "invalid_input") return error.faults;
    throw error;
  }
  return [];
}

const pathsOf = (layer: ImageLayer) =>
  faultsOf({ baseImage: "debian", layers: [layer] }).map(({ path }) => path.slice(2));

test("an image of good parts has no faults", () => {
  const image: ImageSpec = {
    baseImage: "debian:12",
    name: "a",
    registry: "ghcr.io/me",
    pythonVersion: "3.12",
    user: "1000:1000",
    platforms: ["linux/amd64", "linux/arm64"],
    layers: [
      { kind: "apt", packages: ["git"] },
      { kind: "pip", packages: ["a"], indexUrl: "https://a.example", extraArgs: "--no-deps" },
      { kind: "npm", packages: ["a@1"], registry: "https://a.example" },
      { kind: "copy", type: "file", source: "a b", destination: "./" },
      { kind: "commands", commands: ["true"] },
      { kind: "env", env: { A: "" } },
      { kind: "workdir", path: "/" },
    ],
  };
  expect(faultsOf(image)).toEqual([]);
});

test.each<[string, ImageLayer, (string | number)[][]]>([
  [
    "apt",
    { kind: "apt", packages: ["git", "-y", "a b"] },
    [
      ["packages", 1],
      ["packages", 2],
    ],
  ],
  ["nothing to install", { kind: "apt", packages: [] }, [["packages"]]],
  [
    "pip",
    {
      kind: "pip",
      packages: ["a", "-r x"],
      indexUrl: "file:///x",
      extraIndexUrls: ["https://a.example", "x"],
      extraArgs: "$(id)",
    },
    [["packages", 1], ["indexUrl"], ["extraArgs"], ["extraIndexUrls", 1]],
  ],
  ["no index", { kind: "pip", packages: ["a"], extraIndexUrls: [] }, [["extraIndexUrls"]]],
  ["commands", { kind: "commands", commands: ["true", "a\nUSER root"] }, [["commands", 1]]],
  [
    "env",
    { kind: "env", env: { "a b": "1", B: "1\n2" } },
    [
      ["env", "a b"],
      ["env", "B"],
    ],
  ],
  ["no variable", { kind: "env", env: {} }, [["env"]]],
  ["workdir", { kind: "workdir", path: "../x" }, [["path"]]],
  ["npm", { kind: "npm", packages: ["a", "b c"], registry: "x" }, [["packages", 1], ["registry"]]],
  [
    "copy",
    { kind: "copy", type: "link" as never, source: "", destination: "a b" },
    [["type"], ["source"], ["destination"]],
  ],
  ["an unknown kind", { kind: "add" } as never, [["kind"]]],
  [
    "no text",
    { kind: "apt", packages: [7 as never, null as never] },
    [
      ["packages", 0],
      ["packages", 1],
    ],
  ],
])("every faulty part of a layer is named by its path: %s", (_name, layer, paths) => {
  expect(pathsOf(layer)).toEqual(paths);
});

test("a prototype key among the variables is refused", () => {
  const env = JSON.parse('{"__proto__": "x", "A": "1"}');
  expect(pathsOf({ kind: "env", env })).toEqual([["env", "__proto__"]]);
});

test("faults do not repeat what was given", () => {
  const image: ImageSpec = {
    baseImage: "planted:planted@host/planted planted",
    layers: [{ kind: "pip", packages: ["--index-url=https://planted:planted@host"] }],
  };
  expect(JSON.stringify(faultsOf(image))).not.toContain("planted");
});

test("a flood of faults is cut", () => {
  const packages = Array.from({ length: 10_000 }, () => "-y");
  const faults = faultsOf({ baseImage: "debian", layers: [{ kind: "apt", packages }] });
  expect(faults).toHaveLength(101);
});
