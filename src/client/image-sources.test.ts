import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { Image } from "./image.ts";
import { loadImage } from "./image-sources.ts";
import { toImageTag } from "./image-tag.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flyte-webhook-sources-"));
  return () => rmSync(folder, { recursive: true, force: true });
});

function put(path: string, content = path, mode = 0o644): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content, { mode });
}

function filesOf(
  image: Image,
): readonly (readonly [path: string, content: string, mode: string])[] {
  return loadImage(image.spec).layers.flatMap((layer) =>
    layer.kind !== "copy"
      ? []
      : layer.files.map(({ path, bytes, executable }) => {
          return [path, Buffer.from(bytes).toString(), executable === true ? "x" : "-"] as const;
        }),
  );
}

const base = Image.fromBase("python:3.11-slim", { name: "a" });
const pathsOf = (): readonly string[] =>
  filesOf(base.withSourceFolder(folder, { destination: "." })).map(([path]) => path);

test("the tag of files and folders is the one that the Python SDK gives", () => {
  put("code/b.py", "print('b')\n");
  put("code/a.py", "print('a')\n");
  put("code/sub/c.txt", "c");
  put("one.txt", "one\n");
  const image = base
    .withSourceFolder(join(folder, "code"))
    .withSourceFile(join(folder, "one.txt"), { destination: "/srv/" })
    .withEnvVars({ A: "1", B: "x y" })
    .withWorkdir("/srv")
    .withCommands(["echo a", "ls"]);
  // Computed by flyte 2.12.1 from the same files.
  expect(toImageTag(loadImage(image.spec))).toBe("947579f3b787c6a1d1d16e849f87c02e");
});

test("files come in order, with their content and whether they are executable", () => {
  put("b/z.ts");
  put("a/y.ts");
  put("é.sh", "#!", 0o755);
  put("B.ts");
  expect(filesOf(base.withSourceFolder(folder, { destination: "x" }))).toEqual([
    ["B.ts", "B.ts", "-"],
    ["é.sh", "#!", "x"],
    ["a/y.ts", "a/y.ts", "-"],
    ["b/z.ts", "b/z.ts", "-"],
  ]);
  expect(filesOf(base.withSourceFile(join(folder, "a/y.ts")))).toEqual([["y.ts", "a/y.ts", "-"]]);
});

test("what .dockerignore lists stays behind, and so do .git and node_modules", () => {
  for (const path of [".git/config", "node_modules/a.js", "x/node_modules/b.js", ".env"]) put(path);
  put("dist/keep.js");
  put("dist/drop.js");
  put(".dockerignore", "# secrets\n.env\ndist\n!dist/keep.js\n");
  put("a.ts");
  expect(pathsOf()).toEqual([".dockerignore", "a.ts", "dist/keep.js"]);
});

test("links inside the folder are files; others are refused by name", () => {
  put("a.ts");
  put("sub/b.ts");
  symlinkSync("a.ts", join(folder, "link.ts"));
  expect(pathsOf()).toEqual(["a.ts", "link.ts", "sub/b.ts"]);
  symlinkSync("sub", join(folder, "again"));
  expect(pathsOf).toThrow(/again leads to a folder, which would be copied twice/);
  rmSync(join(folder, "again"));
  symlinkSync("/etc/passwd", join(folder, "passwd"));
  expect(pathsOf).toThrow(/passwd leads out of the copied folder/);
  rmSync(join(folder, "passwd"));
  symlinkSync("nowhere", join(folder, "broken"));
  expect(pathsOf).toThrow(/broken into the image: there is no such file/);
  put(".dockerignore", "broken");
  expect(pathsOf()).toEqual([".dockerignore", "a.ts", "link.ts", "sub/b.ts"]);
});

test("a socket is no file", async () => {
  put("a.ts");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, "s"), resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  expect(pathsOf()).toEqual(["a.ts"]);
});

test("a file is no folder, and a folder no file", () => {
  put("a.ts");
  expect(() => filesOf(base.withSourceFolder(join(folder, "a.ts")))).toThrow(
    "is a file; copy it by withSourceFile.",
  );
  expect(() => filesOf(base.withSourceFile(folder))).toThrow(
    "is a folder; copy it by withSourceFolder.",
  );
});

test("an image of another content has another name", () => {
  put("a.ts", "1");
  const image = base.withSourceFolder(folder, { destination: "." });
  const before = image.uri;
  put("a.ts", "2");
  expect(image.uri).not.toBe(before);
  put("a.ts", "1");
  expect(image.uri).toBe(before);
});
