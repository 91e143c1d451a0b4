import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { readTar } from "../../app/runtime/read-tar.ts";
import { packTar } from "../../shared/tar.ts";
import { createTaskContext } from "../../tasks/task-context.ts";
import { keepBuild } from "./keep-build.ts";
import { readContext, writeContext } from "./unpack-context.ts";

const file = (path: string, text = path, executable = false) => ({
  path,
  bytes: Buffer.from(text),
  executable,
});
const pack = (...files: ReturnType<typeof file>[]) => gzipSync(packTar(files));

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-context-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const copying = (...sources: readonly string[]) => ({
  baseImage: "a",
  steps: sources.map((from) => ({ kind: "copy" as const, from, to: "x" })),
});

test("a context is written with its folders and the right to run its programs", async () => {
  const folder = await tempFolder();
  const entries = readContext(pack(file("a/b/c.sh", "c", true), file("d e")));
  await writeContext(entries, copying("a/b", "d e", "."), folder);
  expect(await readFile(join(folder, "a/b/c.sh"), "utf8")).toBe("c");
  expect((await stat(join(folder, "a/b/c.sh"))).mode & 0o777).toBe(0o755);
  expect((await stat(join(folder, "d e"))).mode & 0o100).toBe(0);
});

test.each([
  ["a path that leads out of it", () => pack(file("../evil"))],
  ["an absolute path", () => pack(file("/etc/evil"))],
  ["bytes that are no archive", () => Buffer.from("x")],
  ["an archive that is cut off", () => gzipSync(packTar([file("a")]).subarray(0, 600))],
])("%s is refused", (_what, bytes) => {
  expect(() => readContext(bytes())).toThrow(
    expect.objectContaining({
      code: "ContextNotReadable",
      message: expect.stringMatching(/^The context of the image is refused: /),
    }),
  );
});

test("a context that grows beyond measure is refused before it is unpacked", () => {
  const bytes = gzipSync(packTar([file("a", "a".repeat(100_000))]));
  expect(() => readContext(bytes, 10_000)).toThrow(/refused: it holds more than 10000 bytes/);
});

test("a copy of what the context does not have is refused", async () => {
  const entries = readContext(pack(file("a")));
  await expect(writeContext(entries, copying("b"), await tempFolder())).rejects.toMatchObject({
    code: "ContextNotReadable",
    message: expect.stringMatching(/^The image copies b, which is not in its context\./),
  });
});

test("what is kept is the Dockerfile, and an archive with it under a name of its own", async () => {
  const folder = await tempFolder();
  const context = createTaskContext({ rawDataUri: pathToFileURL(folder).href });
  const entries = readContext(pack(file("Dockerfile", "theirs"), file("a")));
  const { dockerfile, command } = await keepBuild("a:b", "FROM a\n", entries, context);
  expect(await readFile(fileURLToPath(dockerfile), "utf8")).toBe("FROM a\n");
  const [, archive = ""] =
    /^docker build --tag a:b --file Dockerfile\.image - < (.*)$/.exec(command) ?? [];
  const kept = [...readTar(gunzipSync(await readFile(archive)))];
  expect(kept.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual([
    ["Dockerfile.image", "FROM a\n"],
    ["Dockerfile", "theirs"],
    ["a", "a"],
  ]);
});
