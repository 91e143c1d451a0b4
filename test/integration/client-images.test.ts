import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { Image } from "../../src/client/image.ts";
import { CacheLookupScope } from "../../src/idl/runs.ts";
import { TaskDetailsSchema } from "../../src/idl/tasks.ts";
import { fromInputs } from "../../src/values/task-inputs.ts";
import {
  type ImageBuilderStub,
  startImageBuilder,
  stubBuilder,
} from "../support/image-builder-stub.ts";

const image = Image.fromDebianBase({ flyteVersion: "2.0.0" })
  .withAptPackages("git")
  .withPipPackages("httpx", { pre: true });

/** MD5 of `ghcr.io/flyteorg/flyte:py3.12-v2.0.0gitTruehttpx`. */
const tag = "8db0ee301766668cb94cabba8e2b78f5";

function connectTo({ url }: ImageBuilderStub): ControlPlane {
  const scope = { org: "o", project: "p", domain: "d" };
  const flyte = createControlPlane({ endpoint: url, ...scope, retries: 0 });
  onTestFinished(() => flyte.close());
  return flyte;
}

const askedOf = ({ questions }: ImageBuilderStub): unknown[] => questions.map(({ asked }) => asked);

const lookup = [
  ["SelectCluster", 10, "p", "d"],
  ["GetImage", `flyte:${tag}`, "o", "p", "d"],
];
const start = [
  ["ListTasks", "system", "production", "build-image"],
  ["GetTaskDetails", "build-image", "v3"],
  ["SelectCluster", 1, "p", "d"],
  ["CreateUploadLocation", "spec.pb"],
  ["SelectCluster", 2, "p", "d"],
  ["UploadInputs"],
  ["CreateRun"],
];

test("an image that is its base image needs no build, and nothing is asked", async () => {
  const stub = await startImageBuilder();
  const { images } = connectTo(stub);
  const base = "ghcr.io/flyteorg/flyte:py3.11-v2.0.1";
  const debian = Image.fromDebianBase({ pythonVersion: "3.11", flyteVersion: "2.0.1" });
  expect(await images.build(debian.spec, { force: true })).toEqual({
    name: base,
    uri: base,
    run: undefined,
  });
  expect(await images.build(Image.fromBase("python:3.13-slim").spec)).toMatchObject({
    uri: "python:3.13-slim",
  });
  expect(stub.calls).toEqual([]);
});

test("an image that exists is named by where it is, and not built again", async () => {
  const stub = await startImageBuilder({ fqin: `registry.example/o/flyte:${tag}` });
  expect(await connectTo(stub).images.build(image.spec)).toEqual({
    name: `flyte:${tag}`,
    uri: `registry.example/o/flyte:${tag}`,
    run: undefined,
  });
  expect(askedOf(stub)).toEqual(lookup);
});

test("an image that does not exist is described in a file and given to the builder by value", async () => {
  const stub = await startImageBuilder();
  const flyte = connectTo(stub);
  const built = await flyte.images.build(image.spec);
  expect(built).toMatchObject({
    name: `flyte:${tag}`,
    uri: undefined,
    run: {
      name: "build1",
      project: "p",
      domain: "d",
      phase: "queued",
      url: `${flyte.endpoint}/v2/domain/d/project/p/runs/build1`,
    },
  });
  expect(askedOf(stub)).toEqual([...lookup, ...start]);
  expect(stub.readStored()).toMatchObject({
    baseImage: "ghcr.io/flyteorg/flyte:py3.12-v2.0.0",
    pythonVersion: "3.12",
    platform: [],
    layers: [
      { layer: { case: "aptPackages", value: { packages: ["git"] } } },
      { layer: { case: "pipPackages", value: { packages: ["httpx"], options: { pre: true } } } },
    ],
  });
  const [upload] = stub.uploads;
  const uri = `s3://bucket/${Buffer.from(upload?.contentMd5 ?? []).toString("hex")}/spec.pb`;
  const { inputs, task } = stub.inputs[0] ?? {};
  const signature = stubBuilder().spec?.taskTemplate?.interface;
  expect(inputs && fromInputs(inputs, signature)).toEqual({
    spec: uri,
    context: "",
    target_image: `flyte:${tag}`,
  });
  expect(task?.case).toBe("taskSpec");
  expect(stub.runs[0]).toMatchObject({
    id: { case: "projectId", value: { organization: "o", name: "p", domain: "d" } },
    task: { case: "taskSpec", value: stubBuilder().spec },
    inputWrapper: { case: "offloadedInputData", value: { uri: "s3://bucket/inputs" } },
    runSpec: {
      overwriteCache: false,
      cacheConfig: {
        overwriteCache: false,
        cacheLookupScope: CacheLookupScope.PROJECT_DOMAIN,
      },
    },
  });
});

test("a forced build does not ask whether the image exists, and overwrites what is cached", async () => {
  const stub = await startImageBuilder({ fqin: "registry.example/there:already" });
  const built = await connectTo(stub).images.build(image.spec, { force: true });
  expect(built.run?.name).toBe("build1");
  expect(askedOf(stub)).toEqual(start);
  expect(stub.runs[0]?.runSpec).toMatchObject({
    overwriteCache: true,
    cacheConfig: { overwriteCache: true, cacheLookupScope: CacheLookupScope.PROJECT_DOMAIN },
  });
});

test("project and domain of the call are where image and build are looked for and put", async () => {
  const stub = await startImageBuilder();
  const scope = { project: "other", domain: "staging" };
  const { run } = await connectTo(stub).images.build(image.spec, scope);
  expect(run).toMatchObject(scope);
  expect(askedOf(stub)).toContainEqual(["GetImage", `flyte:${tag}`, "o", "other", "staging"]);
  expect(stub.uploads[0]).toMatchObject(scope);
});

test.each([
  [{ name: "trainer" }, "trainer", "trainer"],
  [{ registry: "ghcr.io/me" }, "ghcr.io/me/flyte", "ghcr.io/me/flyte"],
  [{ registry: "r:5000", name: "a" }, "r:5000/a", "r:5000/a"],
  [{ registry: "ghcr.io/flyteorg", name: "a" }, "ghcr.io/flyteorg/a", "a"],
])("an image with %j is called %s, and %s towards the builder", async (options, name, target) => {
  const stub = await startImageBuilder();
  const named = Image.fromBase("python:3.12", options).withAptPackages("git");
  const own = named.uri.split(":").at(-1);
  const built = await connectTo(stub).images.build(named.spec);
  expect(built.name).toBe(`${name}:${own}`);
  const { inputs } = stub.inputs[0] ?? {};
  const signature = stubBuilder().spec?.taskTemplate?.interface;
  expect(inputs && fromInputs(inputs, signature)).toMatchObject({
    target_image: `${target}:${own}`,
  });
  expect(askedOf(stub)).toContainEqual(["GetImage", `${named.name}:${own}`, "o", "p", "d"]);
});

test("platforms and layers of every kind reach the builder", async () => {
  const stub = await startImageBuilder();
  const all = Image.fromBase("debian:12", { platforms: ["linux/arm64"], pythonVersion: "3.13" })
    .withPipPackages("a", {
      indexUrl: "https://pypi.example/simple",
      extraIndexUrls: ["https://two.example"],
      extraArgs: "--no-deps",
    })
    .withCommands(["echo a", "echo b"])
    .withEnvVars({ A: "1" })
    .withWorkdir("/srv/app");
  await connectTo(stub).images.build(all.spec);
  expect(stub.readStored()).toMatchObject({
    baseImage: "debian:12",
    pythonVersion: "3.13",
    platform: ["linux/arm64"],
    layers: [
      {
        layer: {
          value: {
            packages: ["a"],
            options: {
              indexUrl: "https://pypi.example/simple",
              extraIndexUrls: ["https://two.example"],
              pre: false,
              extraArgs: "--no-deps",
            },
          },
        },
      },
      { layer: { case: "commands", value: { cmd: ["echo a", "echo b"] } } },
      { layer: { case: "env", value: { envVariables: { A: "1" } } } },
      { layer: { case: "workdir", value: { workdir: "/srv/app" } } },
    ],
  });
});

test("parts of the builder's specification that this client does not know are passed on", async () => {
  // Field 200 of a TaskTemplate, of the type string, with the text "new".
  const unknown = [{ no: 200, wireType: 2, data: new Uint8Array([3, 110, 101, 119]) }];
  const builder = stubBuilder();
  const template = builder.spec?.taskTemplate;
  if (template !== undefined) template.$unknown = unknown;
  const copy = fromBinary(TaskDetailsSchema, toBinary(TaskDetailsSchema, builder));
  const stub = await startImageBuilder({ builder: create(TaskDetailsSchema, copy) });
  await connectTo(stub).images.build(image.spec);
  const { task } = stub.runs[0] ?? {};
  const sent = task?.case === "taskSpec" ? task.value.taskTemplate?.$unknown : undefined;
  expect(sent).toEqual(unknown);
});

test("two callers never share a build: each asks, stores and starts with its own credential", async () => {
  const stub = await startImageBuilder();
  const { images } = connectTo(stub);
  const build = (key: string) =>
    authMetadata([["authorization", `Bearer ${key}`]], () => images.build(image.spec));
  const [first, second] = [await build("alice"), await build("bob")];
  const [third, fourth] = await Promise.all([build("carol"), build("dave")]);
  const names = [first, second, third, fourth].map(({ run }) => run?.name);
  expect(new Set(names).size).toBe(4);
  for (const question of ["GetImage", "CreateUploadLocation", "UploadInputs", "CreateRun"]) {
    const callers = stub.questions
      .filter(({ asked }) => Array.isArray(asked) && asked[0] === question)
      .map(({ caller }) => caller);
    expect(callers.sort(), question).toEqual(
      ["alice", "bob", "carol", "dave"].map((key) => `Bearer ${key}`),
    );
  }
  expect(stub.store.puts).toHaveLength(4);
});

test("what one caller may not see of an image is not hidden from another, nor the other way round", async () => {
  const stub = await startImageBuilder({
    fqin: "registry.example/flyte:x",
    failures: { getImage: new ConnectError("not yours", Code.PermissionDenied) },
    failing: "Bearer bob",
  });
  const { images } = connectTo(stub);
  const build = (key: string) =>
    authMetadata([["authorization", `Bearer ${key}`]], () => images.build(image.spec));
  expect((await build("alice")).uri).toBe("registry.example/flyte:x");
  await expect(build("bob")).rejects.toMatchObject({ code: "permission_denied" });
  expect((await build("alice")).uri).toBe("registry.example/flyte:x");
});
