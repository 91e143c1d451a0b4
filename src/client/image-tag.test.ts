import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoadedImage, LoadedLayer } from "./image-sources.ts";
import { toImageId, toImageName, toImageTag } from "./image-tag.ts";

const base = "ghcr.io/flyteorg/flyte:py3.12-v2.0.0";
const md5 = (text: string): string => createHash("md5").update(text, "utf8").digest("hex");

test("the tag is the one that the Python SDK gives", () => {
  const layers: LoadedLayer[] = [
    { kind: "apt", packages: ["git"] },
    { kind: "pip", packages: ["httpx"], pre: true },
  ];
  const image = { baseImage: base, layers };
  // MD5 of the text ghcr.io/flyteorg/flyte:py3.12-v2.0.0gitTruehttpx
  expect(toImageTag(image)).toBe("8db0ee301766668cb94cabba8e2b78f5");
  expect(toImageId(image)).toBe("flyte:8db0ee301766668cb94cabba8e2b78f5");
});

test.each<[string, LoadedLayer, string]>([
  ["Debian packages", { kind: "apt", packages: ["git", "curl"] }, "gitcurl"],
  ["Python packages", { kind: "pip", packages: ["a>=1", "b"] }, "a>=1b"],
  ["a release that is final", { kind: "pip", packages: ["a"], pre: false }, "a"],
  [
    "options before packages",
    {
      kind: "pip",
      packages: ["p"],
      indexUrl: "i",
      extraIndexUrls: ["x", "y"],
      pre: true,
      extraArgs: "e",
    },
    "ixyTrueep",
  ],
  ["commands", { kind: "commands", commands: ["echo é", "ls"] }, "echo éls"],
  ["variables", { kind: "env", env: { B: "2", A: "1" } }, "B=2 A=1"],
  ["a folder", { kind: "workdir", path: "/srv" }, "/srv"],
  [
    "files, each before its path without slashes, and where they go",
    {
      kind: "copy",
      type: "folder",
      source: "/anywhere",
      destination: "./src",
      files: [
        { path: "b.ts", bytes: Buffer.from("one") },
        { path: "a/c.ts", bytes: Buffer.from("two"), executable: true },
      ],
    },
    "oneb.tstwoac.ts./src",
  ],
  [
    "npm packages, by lines",
    { kind: "npm", packages: ["a", "b@1"], ignoreScripts: true },
    "npm\n\nfalse\ntrue\na\nb@1\n",
  ],
])("%s count as they are written, in their order", (_name, layer, text) => {
  expect(toImageTag({ baseImage: base, layers: [layer] })).toBe(md5(`${base}${text}`));
});

test("name, registry, platforms and version of Python are not part of the tag", () => {
  const layers: LoadedLayer[] = [{ kind: "apt", packages: ["git"] }];
  const plain = { baseImage: base, layers };
  const named: LoadedImage = {
    ...plain,
    name: "trainer",
    registry: "ghcr.io/me",
    platforms: ["linux/arm64"],
    pythonVersion: "3.13",
  };
  expect(toImageTag(named)).toBe(toImageTag(plain));
  expect(toImageName(named)).toBe(`ghcr.io/me/trainer:${toImageTag(plain)}`);
});

test("an image is called by its base only while nothing makes it another", () => {
  expect(toImageName({ baseImage: base, layers: [] })).toBe(base);
  expect(toImageName({ baseImage: base, name: "a", layers: [] })).toBe(`a:${md5(base)}`);
  expect(toImageName({ baseImage: base, registry: "r", layers: [] })).toBe(`r/flyte:${md5(base)}`);
});

test("packages in another order make another image", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[a-m]{3}$/), { minLength: 2 }), (packages) => {
      const toTag = (names: string[]) =>
        toImageTag({ baseImage: base, layers: [{ kind: "apt", packages: names }] });
      expect(toTag(packages)).toBe(md5(`${base}${packages.join("")}`));
      expect(toTag([...packages].reverse())).not.toBe(toTag(packages));
    }),
  );
});

test("the user is a part of the tag", () => {
  const tags = [undefined, "node", "1000"].map((user) =>
    toImageTag({ baseImage: base, layers: [], ...(user !== undefined && { user }) }),
  );
  expect(tags).toEqual([md5(base), md5(`${base}user\nnode\n`), md5(`${base}user\n1000\n`)]);
});

test("npm packages cannot be shifted into each other", () => {
  const toTag = (...packages: string[]) =>
    toImageTag({ baseImage: base, layers: [{ kind: "npm", packages }] });
  expect(toTag("ab", "c")).not.toBe(toTag("a", "bc"));
});
