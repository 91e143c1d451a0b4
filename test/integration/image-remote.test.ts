import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { Image } from "../../src/client/image.ts";
import { fromInputs } from "../../src/values/task-inputs.ts";
import { startImageBuilder, stubBuilder } from "../support/image-builder-stub.ts";
import { runProgram } from "../support/run-command.ts";

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-image-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function start() {
  const stub = await startImageBuilder();
  const flyte = createControlPlane({ endpoint: stub.url, org: "o", project: "p", domain: "d" });
  onTestFinished(() => flyte.close());
  return { stub, images: flyte.images };
}

test("copied files travel as one archive that the builder unpacks", async () => {
  const folder = await tempFolder();
  await mkdir(join(folder, "src/deep"), { recursive: true });
  await writeFile(join(folder, "src/a b.sh"), "#!/bin/sh\n", { mode: 0o755 });
  await writeFile(join(folder, "src/deep/c.ts"), "c");
  await writeFile(join(folder, "one.txt"), "one");
  const { stub, images } = await start();
  const image = Image.fromBase("node:24", { name: "app" })
    .withNpmPackages("fastify@5")
    .withSourceFolder(join(folder, "src"))
    .withSourceFile(join(folder, "one.txt"), { destination: "/srv/two.txt" });
  const built = await images.build(image.spec);
  expect(built).toMatchObject({ name: image.uri, uri: undefined, run: { name: "build1" } });
  expect(stub.uploads.map(({ filename }) => filename)).toEqual(["spec.pb", "context.tar.gz"]);
  const uris = stub.uploads.map(({ contentMd5, filename }) => {
    return `s3://bucket/${Buffer.from(contentMd5).toString("hex")}/${filename}`;
  });
  const { inputs } = stub.inputs[0] ?? {};
  const signature = stubBuilder().spec?.taskTemplate?.interface;
  expect(inputs && fromInputs(inputs, signature)).toEqual({
    spec: uris[0],
    context: uris[1],
    target_image: image.uri,
  });
  const archive = join(folder, "context.tar.gz");
  await writeFile(archive, stub.store.puts.at(-1)?.body ?? "");
  const { stdout } = await runProgram(["tar", "-tvzf", archive], { cwd: folder });
  const listed = stdout
    .trim()
    .split("\n")
    .map((line) => [line.slice(0, 10), line.split(/:\d\d /)[1]]);
  expect(listed).toEqual([
    ["-rwxr-xr-x", "sources/1/a b.sh"],
    ["-rw-r--r--", "sources/1/deep/c.ts"],
    ["-rw-r--r--", "sources/2/two.txt"],
  ]);
});

test("an image with a user of its own is refused before anything is sent to the builder", async () => {
  const { stub, images } = await start();
  await expect(images.build(Image.fromNode().spec)).rejects.toMatchObject({
    code: "unimplemented",
    message:
      'Builders of control planes cannot set the user of an image, here 1000:1000. Build it with Docker (builder "local"), or give the user "root".',
  });
  expect(stub.uploads).toEqual([]);
  expect(stub.runs).toEqual([]);
  const { run } = await images.build(Image.fromNode({ user: "root" }).spec);
  expect(run?.name).toBe("build1");
});

test("what cannot be copied is named, and nothing is asked", async () => {
  const { stub, images } = await start();
  const image = Image.fromBase("node:24").withSourceFile("/nowhere/a.ts");
  await expect(images.build(image.spec)).rejects.toMatchObject({
    code: "invalid_input",
    message: "Cannot copy /nowhere/a.ts into the image: there is no such file or folder.",
  });
  expect(stub.calls).toEqual([]);
});
