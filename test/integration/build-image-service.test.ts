import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { build } from "../../src/app/image/build.ts";
import { Image } from "../../src/client/image.ts";
import type { Devbox } from "../../src/devbox/index.ts";
import { ImageService } from "../../src/idl/images.ts";
import { InputsSchema, OutputsSchema } from "../../src/idl/tasks.ts";
import { makePrimitive } from "../../src/values/make-literal.ts";
import { startBuildingDevbox } from "../support/building-devbox.ts";
import { codeOf, connect, nameOf } from "../support/devbox-client.ts";
import { fakeDocker } from "../support/fake-docker.ts";

/** `ImageService.GetImage` of the devbox. */
const image = Image.fromBase("debian:12", { name: "tools" }).withAptPackages("git");
const development = { name: "flytesnacks", domain: "development" };

function ask(devbox: Devbox, subject: string, name: string, projectId: object | undefined) {
  const transport = createConnectTransport({ baseUrl: devbox.url, httpVersion: "1.1" });
  const key = devbox.keys[subject];
  const headers: Record<string, string> =
    key === undefined ? {} : { authorization: `Bearer ${key}` };
  const images = createClient(ImageService, transport);
  return images.getImage({ id: { name }, ...(projectId && { projectId }) }, { headers });
}

test("an image that was built is told by its name without the registry", async () => {
  const docker = await fakeDocker();
  const { devbox, as } = await startBuildingDevbox([docker.folder]);
  const pushed = Image.fromBase("debian:12", { name: "a", registry: "r.example/me" });
  expect(await codeOf(ask(devbox, "bob", "a", development))).toBe("NotFound");
  const { run } = await build(pushed, { controlPlane: as("alice") });
  await run?.wait();
  const name = pushed.uri.slice("r.example/me/".length);
  const answer = await ask(devbox, "bob", name, development);
  expect(answer.image).toMatchObject({ id: { name }, fqin: pushed.uri });
});

test("refusals: nobody, no place, no name, an unknown project, a place without rights", async () => {
  const { devbox } = await startBuildingDevbox([]);
  const { name } = development;
  const codes = [
    ask(devbox, "nobody", "a", development),
    ask(devbox, "bob", "a", undefined),
    ask(devbox, "bob", "a", { name }),
    ask(devbox, "bob", "", development),
    ask(devbox, "bob", "a", { name: "absent", domain: "development" }),
    ask(devbox, "bob", "a", { name, domain: "elsewhere" }),
  ].map(codeOf);
  expect(await Promise.all(codes)).toEqual([
    "Unauthenticated",
    "InvalidArgument",
    "InvalidArgument",
    "InvalidArgument",
    "NotFound",
    "PermissionDenied",
  ]);
});

test("it is known after a restart, without Docker too", async () => {
  const state = await mkdtemp(join(tmpdir(), "flyte-webhook-images-"));
  onTestFinished(() => rm(state, { recursive: true, force: true }));
  const docker = await fakeDocker();
  const first = await startBuildingDevbox([docker.folder], state);
  const { run } = await build(image, { controlPlane: first.as("bob") });
  await run?.wait();
  await first.devbox.close();
  const second = await startBuildingDevbox([], state);
  expect(await build(image, { controlPlane: second.as("bob") })).toMatchObject({ uri: image.uri });
});

test("who may not run the builder's project cannot pass another program off as it", async () => {
  const { devbox } = await startBuildingDevbox([]);
  const [alice, bob] = [connect(devbox, "alice"), connect(devbox, "bob")];
  const { versions } = await alice.tasks.listVersions({
    taskName: { project: "system", domain: "production", name: "build-image" },
  });
  const id = {
    project: "system",
    domain: "production",
    name: "build-image",
    version: versions[0]?.version ?? "",
  };
  const text = (value: string) => makePrimitive({ case: "stringValue", value });
  const literals = [{ name: "o0", value: text("evil.example/a:tag") }];
  const outputs = toBinary(OutputsSchema, create(OutputsSchema, { literals }));
  const script = `echo '${Buffer.from(outputs).toString("base64")}' | base64 -d > "\${1#file://}/outputs.pb"`;
  const args = ["/bin/sh", "-c", `PATH=/usr/bin:/bin; ${script}`, "sh", "{{.outputPrefix}}"];
  const forged = {
    id: { case: "projectId" as const, value: { name: "flytesnacks", domain: "development" } },
    task: {
      case: "taskSpec" as const,
      value: { taskTemplate: { id, target: { case: "container" as const, value: { args } } } },
    },
    inputWrapper: {
      case: "inputs" as const,
      value: create(InputsSchema, { literals: [{ name: "target_image", value: text("a:tag") }] }),
    },
  };
  expect(await codeOf(bob.runs.createRun(forged))).toBe("PermissionDenied");
  const absent = { ...id, version: "absent" };
  const other = { taskTemplate: { ...forged.task.value.taskTemplate, id: absent } };
  const unknown = { ...forged, task: { case: "taskSpec" as const, value: other } };
  expect(await codeOf(bob.runs.createRun(unknown))).toBe("PermissionDenied");
  expect(await codeOf(ask(devbox, "bob", "a:tag", development))).toBe("NotFound");

  // The same program, by reference or sent along, is for everybody.
  const task = { case: "taskId" as const, value: id };
  const { run } = await bob.runs.createRun({ ...forged, task });
  expect(run === undefined ? "" : nameOf(run)).toMatch(/^r/);
});
