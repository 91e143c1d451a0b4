import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ImageSpecSchema } from "../../src/idl/images.ts";
import { createCaller } from "../support/http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let webhook: TestWebhook;
let upstream: TestWebhook;

beforeAll(async () => {
  [webhook, upstream] = await Promise.all([
    startTestWebhook(),
    startTestWebhook({ compat: "upstream" }),
  ]);
});

afterAll(() => Promise.all([webhook, upstream].map((one) => one[Symbol.asyncDispose]())));
afterEach(() => {
  for (const { stub } of [webhook, upstream]) stub.reset();
});

let callers = 0;

/** Each request is that of a new caller: nothing is kept from one for another. */
function build({ url }: TestWebhook, query: string, body?: object) {
  callers += 1;
  return createCaller(url, `key-${callers}`).post(`/build-image${query}`, body);
}

/** What the builder was told to make. */
function readSpec({ stub }: TestWebhook) {
  const { baseImage, pythonVersion, platform, layers } = fromBinary(
    ImageSpecSchema,
    stub.store.files.get("spec.pb") ?? new Uint8Array(),
  );
  const steps = layers.map(({ layer }) =>
    layer.case === "aptPackages" || layer.case === "pipPackages"
      ? [layer.case, layer.value.packages]
      : [layer.case],
  );
  return { baseImage, pythonVersion, platform, steps };
}

test("packages are put on the Debian base, those of Debian first", async () => {
  const query = "?name=trainer&python_version=3.11&flyte_version=2.1.0";
  const { status, body } = await build(webhook, query, {
    pip_packages: ["pandas>=2", "httpx"],
    apt_packages: ["git"],
    platform: ["linux/arm64"],
  });
  expect(status).toBe(200);
  expect(body).toEqual({
    image_build_run_url: `${webhook.stub.url}/v2/domain/development/project/flytesnacks/runs/rnew`,
    image_name: "trainer",
    base_image: "flyte-debian-base",
    pip_packages: ["pandas>=2", "httpx"],
    apt_packages: ["git"],
  });
  expect(readSpec(webhook)).toEqual({
    baseImage: "ghcr.io/flyteorg/flyte:py3.11-v2.1.0",
    pythonVersion: "3.11",
    platform: ["linux/arm64"],
    steps: [
      ["aptPackages", ["git"]],
      ["pipPackages", ["pandas>=2", "httpx"]],
    ],
  });
});

test("another base image works, where the original fails", async () => {
  const parts = { base_image: "python:3.12-slim", apt_packages: ["curl"] };
  for (const one of [webhook, upstream]) {
    const { base_image, ...lists } = parts;
    const { body } = await build(one, `?base_image=${base_image}`, lists);
    expect(body).toMatchObject({ base_image: "python:3.12-slim", image_name: null });
    expect(readSpec(one)).toMatchObject({
      baseImage: "python:3.12-slim",
      steps: [["aptPackages", ["curl"]]],
    });
  }
});

test("an image that is there is not built again, and has no run", async () => {
  webhook.stub.store.images.set("trainer", "registry.example.com/trainer:tag");
  const { body } = await build(webhook, "", { name: "trainer", apt_packages: ["git"] });
  expect(body.image_build_run_url).toBeNull();
  expect(webhook.stub.takeMethods()).not.toContain("createRun");
});

test("the base image alone needs nobody", async () => {
  const { body } = await build(webhook, "?base_image=python:3.12-slim", { pip_packages: [] });
  expect(body).toMatchObject({ image_build_run_url: null, pip_packages: [], apt_packages: null });
  expect(webhook.stub.takeMethods()).toEqual([]);
});

test("what one caller built is not told to the next", async () => {
  const parts = { name: "trainer", apt_packages: ["git"] };
  expect((await build(webhook, "", parts)).body.image_build_run_url).toBeTypeOf("string");
  webhook.stub.takeMethods();
  await build(webhook, "", parts);
  expect(webhook.stub.takeMethods()).toContain("getImage");
});

test("project and domain say where it is built", async () => {
  const { body } = await build(webhook, "?project=other&domain=staging", { apt_packages: ["git"] });
  expect(body.image_build_run_url).toContain("/v2/domain/staging/project/other/runs/rnew");
});

test("a control plane without a builder is 501", async () => {
  webhook.stub.tasks.absent.add("build-image");
  const { status, body } = await build(webhook, "", { apt_packages: ["git"] });
  expect([status, body.code]).toEqual([501, "unimplemented"]);
});

describe("what cannot be part of an image is 400, every fault with its place", () => {
  const rows: readonly (readonly [parts: object, faults: readonly string[]])[] = [
    [{ python_version: "3" }, ["python_version"]],
    [{ python_version: "3.12.1" }, ["python_version"]],
    [{ python_version: "" }, ["python_version"]],
    [{ flyte_version: "newest" }, ["flyte_version"]],
    [{ flyte_version: "2.0.0", base_image: "python:3.12" }, ["flyte_version"]],
    [{ base_image: "https://example.com/image" }, ["base_image"]],
    [{ base_image: "a\nRUN rm -rf /" }, ["base_image"]],
    [{ name: "Trainer" }, ["name"]],
    [{ name: "a/b" }, ["name"]],
    [{ platform: ["windows/amd64"] }, ["platform[0]"]],
    [{ pip_packages: ["ok", "--index-url=http://elsewhere"] }, ["pip_packages[1]"]],
    [{ pip_packages: ["a; rm -rf /"] }, ["pip_packages[0]"]],
    [{ apt_packages: ["git\nRUN id", "ok", "$(id)"] }, ["apt_packages[0]", "apt_packages[2]"]],
    [
      { name: "A", python_version: "x", platform: ["x"], apt_packages: ["&"], pip_packages: ["&"] },
      ["python_version", "name", "pip_packages[0]", "apt_packages[0]", "platform[0]"],
    ],
  ];

  for (const [parts, faults] of rows) {
    test(JSON.stringify(parts), async () => {
      const { status, body } = await build(webhook, "", parts);
      expect([status, body.code]).toEqual([400, "invalid_input"]);
      expect(body.errors.map(({ path }: { readonly path: string }) => path)).toEqual(faults);
      expect(webhook.stub.takeMethods()).toEqual([]);
    });
  }
});

describe("in the upstream mode", () => {
  test("unknown platforms and half versions are dropped, empty texts are none", async () => {
    const lists = { apt_packages: ["git"], platform: ["windows/amd64", "linux/amd64"] };
    const { status, body } = await build(upstream, "?python_version=3&name=&base_image=", lists);
    expect(status).toBe(200);
    expect(body).toMatchObject({ base_image: "flyte-debian-base" });
    expect(readSpec(upstream)).toMatchObject({
      baseImage: "ghcr.io/flyteorg/flyte:py3.12-v2.0.0",
      platform: ["linux/amd64"],
    });
    await build(upstream, "?python_version=3.10.4", { ...lists, platform: ["x"] });
    expect(readSpec(upstream)).toMatchObject({
      baseImage: "ghcr.io/flyteorg/flyte:py3.10-v2.0.0",
      platform: [],
    });
  });

  test("what could become a command is refused with the original's status", async () => {
    const { status, body } = await build(upstream, "", { apt_packages: ["$(id)"] });
    expect(status).toBe(500);
    expect(body.detail).toMatch(/^Failed to build image: apt_packages\[0\]: is not a Debian/);
    expect(upstream.stub.takeMethods()).toEqual([]);
  });
});
