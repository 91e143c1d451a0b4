import { Code, ConnectError } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { build } from "../../src/app/image/build.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { Image } from "../../src/client/image.ts";
import { init } from "../../src/client/init.ts";
import { closeControlPlane } from "../../src/client/init-current.ts";
import type { ControlPlaneOptions } from "../../src/client/options.ts";
import { Run } from "../../src/client/remote/run.ts";
import {
  type ImageBuilderOptions,
  type ImageBuilderStub,
  startImageBuilder,
  stubBuilder,
} from "../support/image-builder-stub.ts";

const image = Image.fromDebianBase().withAptPackages("git");

async function start(given: ImageBuilderOptions = {}, options: Partial<ControlPlaneOptions> = {}) {
  const stub = await startImageBuilder(given);
  const scope = { project: "p", domain: "d" };
  const flyte = createControlPlane({ endpoint: stub.url, ...scope, retries: 0, ...options });
  onTestFinished(() => flyte.close());
  return { stub, flyte };
}

const fail = (code: Code): ConnectError => new ConnectError("broken", code);
const mutations = new Set(["CreateUploadLocation", "UploadInputs", "CreateRun"]);
const changesOf = (stub: ImageBuilderStub): string[] =>
  stub.methods().filter((method) => mutations.has(method));

test.each([
  Code.NotFound,
  Code.Unimplemented,
  Code.Unavailable,
  Code.Internal,
  Code.Unknown,
  Code.InvalidArgument,
  Code.FailedPrecondition,
  Code.DeadlineExceeded,
])("a lookup that fails with code %d means that the image has to be built", async (code) => {
  const { stub, flyte } = await start({ fqin: "there", failures: { getImage: fail(code) } });
  expect((await flyte.images.build(image.spec)).run?.name).toBe("build1");
  expect(stub.methods().filter((method) => method === "GetImage")).toHaveLength(1);
});

test("an answer without an image, or without its place, means that it has to be built", async () => {
  const { flyte } = await start({ fqin: "" });
  expect((await flyte.images.build(image.spec)).run?.name).toBe("build1");
});

test.each([
  ["unauthenticated", Code.Unauthenticated, "getImage"],
  ["permission_denied", Code.PermissionDenied, "getImage"],
  ["unauthenticated", Code.Unauthenticated, "selectCluster"],
  ["permission_denied", Code.PermissionDenied, "selectCluster"],
  ["unauthenticated", Code.Unauthenticated, "listTasks"],
  ["permission_denied", Code.PermissionDenied, "getTaskDetails"],
  ["unavailable", Code.Unavailable, "listTasks"],
] as const)(
  "%s (code %d) of %s ends the build before anything is stored",
  async (code, thrown, method) => {
    const { stub, flyte } = await start({ failures: { [method]: fail(thrown) } });
    await expect(flyte.images.build(image.spec)).rejects.toMatchObject({ code });
    expect(changesOf(stub)).toEqual([]);
  },
);

test.each([
  ["refuses the operation as unknown", Code.InvalidArgument],
  ["has no clusters", Code.Unimplemented],
])("a control plane that %s is asked for the image itself", async (_word, code) => {
  const { stub, flyte } = await start({
    fqin: "registry.example/flyte:x",
    failures: { selectCluster: fail(code) },
  });
  expect(await flyte.images.build(image.spec)).toMatchObject({ uri: "registry.example/flyte:x" });
  expect(stub.methods()).toEqual(["SelectCluster", "GetImage"]);
});

test("a cluster that cannot be selected means that the image has to be built", async () => {
  const { stub, flyte } = await start({ failures: { selectCluster: fail(Code.Internal) } });
  expect((await flyte.images.build(image.spec)).run?.name).toBe("build1");
  expect(stub.methods()).not.toContain("GetImage");
});

const nightly = { builderDomain: "nightly" };

test.each<[string, ImageBuilderOptions]>([
  ["there is no such task", {}],
  ["there is no such project", { ...nightly, failures: { listTasks: fail(Code.NotFound) } }],
  ["its version is gone", { ...nightly, failures: { getTaskDetails: fail(Code.NotFound) } }],
])("without a builder, because %s, the error names the remedy", async (_why, given) => {
  const { stub, flyte } = await start(given, { imageBuilderDomain: "nightly" });
  await expect(flyte.images.build(image.spec)).rejects.toMatchObject({
    code: "unimplemented",
    message:
      "The control plane builds no images: it has no task build-image in project system, domain nightly. " +
      "Ask its operator to deploy one, or name another domain with FLYTE_IMAGEBUILDER_TASK_DOMAIN.",
  });
  expect(changesOf(stub)).toEqual([]);
});

test("a builder with other inputs is reported as no builder, not as the caller's fault", async () => {
  const { stub, flyte } = await start({ builder: stubBuilder(["dockerfile"]) });
  await expect(flyte.images.build(image.spec)).rejects.toMatchObject({
    code: "unimplemented",
    message: expect.stringContaining("does not take the inputs spec, context and target_image"),
    faults: [],
  });
  expect(stub.runs).toEqual([]);
});

test("a build whose start was not answered is not started a second time", async () => {
  const failures = { createRun: fail(Code.Unavailable) };
  const { stub, flyte } = await start({ failures }, { retries: 3 });
  await expect(flyte.images.build(image.spec)).rejects.toMatchObject({ code: "unavailable" });
  expect(stub.methods().filter((method) => method === "CreateRun")).toHaveLength(1);
});

test("faults are reported all at once, before anything is asked", async () => {
  const { stub, flyte } = await start();
  const spec = {
    baseImage: "python 3",
    name: "Big",
    registry: "https://r",
    pythonVersion: "2.7",
    platforms: ["linux/mips" as never],
    layers: [
      { kind: "apt" as const, packages: ["git", "-y"] },
      { kind: "pip" as const, packages: ["httpx\n--pre"], extraArgs: "; rm" },
    ],
  };
  await expect(flyte.images.build(spec)).rejects.toMatchObject({
    code: "invalid_input",
    faults: [
      { path: ["baseImage"] },
      { path: ["name"] },
      { path: ["registry"] },
      { path: ["pythonVersion"] },
      { path: ["platforms", 0] },
      { path: ["layers", 0, "packages", 1] },
      { path: ["layers", 1, "packages", 0] },
      { path: ["layers", 1, "extraArgs"] },
    ],
  });
  expect(stub.calls).toEqual([]);
});

test("a signal that has ended the call starts no build", async () => {
  const { stub, flyte } = await start({ fqin: "there" });
  const signal = AbortSignal.abort();
  await expect(flyte.images.build(image.spec, { signal })).rejects.toMatchObject({
    code: "canceled",
  });
  expect(changesOf(stub)).toEqual([]);
});

test("build uses the current control plane, with the builder's domain of the environment, and gives a run", async () => {
  onTestFinished(closeControlPlane);
  const stub = await startImageBuilder({ builderDomain: "nightly" });
  const env = { FLYTE_IMAGEBUILDER_TASK_DOMAIN: "nightly" };
  const surroundings = { env, cwd: "/", home: "/nonexistent", interactive: false };
  const flyte = await init({
    endpoint: stub.url,
    project: "p",
    domain: "d",
    configFile: false,
    authType: "Passthrough",
    surroundings,
  });
  const { run, uri } = await build(image);
  expect(run).toBeInstanceOf(Run);
  expect(run?.url).toBe(`${flyte.endpoint}/v2/domain/d/project/p/runs/build1`);
  expect(uri).toBeUndefined();
  const base = await build(Image.fromBase("python:3.12").spec);
  expect(base).toEqual({ name: "python:3.12", uri: "python:3.12", run: undefined });
});
