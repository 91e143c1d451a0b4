import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { deploy } from "../../src/app/deploy/deploy.ts";
import { DeployedImages } from "../../src/app/deploy/deployed-images.ts";
import { webhookImage } from "../../src/app/deploy/webhook-image.ts";
import { AppEnvironment } from "../../src/app/environment/app-environment.ts";
import { serve } from "../../src/app/serve/serve.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { Image } from "../../src/client/image.ts";
import { closeControlPlane, replaceControlPlane } from "../../src/client/init-current.ts";
import { FlyteWebhookAppEnvironment } from "../../src/webhook/flyte-webhook-app-environment.ts";
import { startBuildingDevbox } from "../support/building-devbox.ts";
import { fakeDocker } from "../support/fake-docker.ts";
import { type ImageBuilderOptions, startImageBuilder } from "../support/image-builder-stub.ts";
import { rejection } from "../support/served.ts";

const tools = Image.fromBase("debian:12", { name: "tools" }).withAptPackages("git");
const pushed = Image.fromBase("debian:12", { registry: "ghcr.io/me" }).withAptPackages("git");
const script =
  'require("node:http").createServer((_, a) => a.end("1")).listen(process.env.PORT, "127.0.0.1")';

/** Two apps of one image. */
function apps(image: Image): readonly AppEnvironment[] {
  const command = [process.execPath, "-e", script];
  return ["one", "two"].map((name) => new AppEnvironment({ name, image, command }));
}

describe("on a devbox", () => {
  test("nothing is built, because apps run there without their images; that is told once", async () => {
    const docker = await fakeDocker();
    const { as } = await startBuildingDevbox([docker.folder]);
    const lines: string[] = [];
    const onProgress = (line: string): void => void lines.push(line);
    const deployed = await deploy(apps(tools), {
      controlPlane: as("alice"),
      wait: true,
      onProgress,
    });
    expect(deployed.map(({ image, status }) => [image, status?.phase])).toEqual([
      [{ uri: tools.uri, state: "not_built" }, "active"],
      [{ uri: tools.uri, state: "not_built" }, "active"],
    ]);
    expect(deployed.map(({ spec }) => spec.container.image)).toEqual([tools.uri, tools.uri]);
    expect(lines.filter((line) => line.includes("image"))).toEqual([
      `The image ${tools.uri} was not built: the control plane runs apps without their images.`,
    ]);
    await expect(docker.calls()).rejects.toThrow("ENOENT");
  });

  test("its builder is asked where that is said, and its answer is what the apps get", async () => {
    const docker = await fakeDocker();
    const { as } = await startBuildingDevbox([docker.folder]);
    const lines: string[] = [];
    const options = {
      controlPlane: as("alice"),
      builder: "remote",
      onProgress: (line: string) => void lines.push(line),
    } as const;
    const deployed = await deploy(apps(tools), options);
    expect(deployed.map(({ image }) => image)).toEqual([
      { uri: tools.uri, state: "ready" },
      { uri: tools.uri, state: "ready" },
    ]);
    expect((await docker.calls()).filter(([, verb]) => verb === "build")).toHaveLength(1);
    expect(lines[0]).toMatch(/^The image tools:\w+ is built by the run \w+: http/);
    expect(lines).toContain(`The build of ${tools.uri} is succeeded.`);
    expect(lines).toContain(`The image ${tools.uri} is built: ${tools.uri}`);
    lines.length = 0;
    const again = await deploy(apps(tools), options);
    expect(again[0]?.image.state).toBe("ready");
    expect(lines.join("\n")).not.toContain("built");
  });

  test("a build that fails is an error, and nothing is deployed", async () => {
    const docker = await fakeDocker('console.error("no space left"); process.exit(1);');
    const { as } = await startBuildingDevbox([docker.folder]);
    const controlPlane = as("alice");
    const error = await rejection(deploy(apps(tools), { controlPlane, builder: "remote" }));
    expect(error).toMatchObject({ code: "run_failed" });
    expect(String(error)).toMatch(/The build ended as failed: .*no space left/s);
    await expect(controlPlane.apps.get({ name: "one" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("Docker here builds and pushes where that is said", async () => {
    const docker = await fakeDocker('console.error("#1 step"); process.exit(0);');
    const { as } = await startBuildingDevbox([docker.folder]);
    replaceControlPlane(as("alice"));
    onTestFinished(closeControlPlane);
    const lines: string[] = [];
    const onProgress = (line: string): void => void lines.push(line);
    const [one] = apps(pushed);
    const served = await serve(one ?? expect.unreachable(), {
      mode: "remote",
      builder: "local",
      onProgress,
    });
    expect(served.name).toBe("one");
    const [, build] = await docker.calls();
    expect(build).toEqual(expect.arrayContaining([`--tag=${pushed.uri}`, "--push"]));
    expect(lines.slice(0, 2)).toEqual([`The image ${pushed.uri} is built with Docker.`, "#1 step"]);
  });
});

describe("on a cluster", () => {
  /** What tells nothing of its projects is taken for a cluster. */
  async function clusterOf(options: ImageBuilderOptions): Promise<ControlPlane> {
    const stub = await startImageBuilder(options);
    const scope = { project: "p", domain: "d" };
    const controlPlane = createControlPlane({ endpoint: stub.url, ...scope });
    onTestFinished(() => controlPlane.close());
    return controlPlane;
  }

  async function find(
    options: ImageBuilderOptions,
    image: Image | string | undefined,
    given: object = {},
  ) {
    const lines: string[] = [];
    const onProgress = (line: string): void => void lines.push(line);
    const images = new DeployedImages(await clusterOf(options), { onProgress, ...given });
    const found = [await images.find(image), await images.find(image)];
    expect(found[0]).toEqual(found[1]);
    return { found: found[0], lines };
  }

  test("an image that is there is used where it is", async () => {
    const { found, lines } = await find({ fqin: "registry.example.com/tools:1" }, tools);
    expect(found).toEqual({ uri: "registry.example.com/tools:1", state: "ready" });
    expect(lines).toEqual([]);
  });

  test.each<[string, Image, ImageBuilderOptions, object, RegExp]>([
    ["there is no builder", tools, { builderDomain: "other" }, {}, /has no task build-image/],
    [
      "the builder cannot set its user",
      Image.fromNode().withNpmPackages("fastify"),
      {},
      {},
      /cannot set the user of an image/,
    ],
    ["that is said", tools, {}, { builder: "none" }, /: builder is "none"\.$/],
  ])("an image is not built when %s, which is told", async (_, image, options, given, says) => {
    const { found, lines } = await find(options, image, given);
    expect(found).toEqual({ uri: image.uri, state: "not_built" });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^The image \S+ was not built: /);
    expect(lines[0]).toMatch(says);
  });

  test("who has to have it built is told that it cannot be", async () => {
    await expect(
      find({ builderDomain: "other" }, tools, { builder: "remote" }),
    ).rejects.toMatchObject({ code: "unimplemented" });
    const failures = { listTasks: new ConnectError("not for you", Code.PermissionDenied) };
    await expect(find({ failures }, tools)).rejects.toMatchObject({ code: "permission_denied" });
  });

  test("names, and images that are their base, are taken as they are", async () => {
    expect((await find({}, "me/app:1")).found).toEqual({ uri: "me/app:1", state: "named" });
    const base = Image.fromDebianBase();
    expect((await find({}, base)).found).toEqual({ uri: base.uri, state: "named" });
  });

  test("the image of this package has to be named, which is told", async () => {
    const { found, lines } = await find({}, undefined);
    expect(found).toEqual({ uri: webhookImage(), state: "named" });
    expect(lines).toEqual([
      expect.stringMatching(/^The image flyte-webhook:\d\S* has no registry/),
    ]);
    const option = await find({}, undefined, { webhookImage: "me/hook:1" });
    expect(option).toEqual({ found: { uri: "me/hook:1", state: "named" }, lines: [] });
    vi.stubEnv("FLYTE_WEBHOOK_IMAGE", "me/hook:2");
    onTestFinished(() => void vi.unstubAllEnvs());
    const variable = await find({}, undefined);
    expect(variable).toEqual({ found: { uri: "me/hook:2", state: "named" }, lines: [] });
  });
});

describe("a webhook without an image of its own", () => {
  const env = new FlyteWebhookAppEnvironment({ name: "hook", taskAllowlist: [] });

  test("is deployed with that of this package, a class that extends it too", async () => {
    class Extended extends FlyteWebhookAppEnvironment {}
    const controlPlane = createControlPlane({ endpoint: "http://localhost:9" });
    onTestFinished(() => controlPlane.close());
    const extended = new Extended({ name: "extended", taskAllowlist: [] });
    const deployed = await deploy([env, extended], { controlPlane, dryRun: true });
    expect(deployed.map(({ spec }) => spec.container.image)).toEqual([
      webhookImage(),
      webhookImage(),
    ]);
  });

  test("is refused with inImage, which needs the image that has the file", async () => {
    const controlPlane = createControlPlane({ endpoint: "http://localhost:9" });
    onTestFinished(() => controlPlane.close());
    const refused = deploy(env, { controlPlane, inImage: "/app/app.ts", dryRun: true });
    await expect(refused).rejects.toThrow(
      'inImage "/app/app.ts" needs the image that has the file, and "hook" names none. Give image.',
    );
  });
});

test.each<[object, RegExp]>([
  [{ builder: "docker" }, /builder "docker" must be one of: auto, remote, local, none/],
  [{ webhookImage: "" }, /webhookImage must not be empty/],
  [{ sourceLink: "https://me:pw@example.com/x" }, /without a user or password/],
  [{ sourceLink: "javascript:alert(1)" }, /must be an http or https address/],
])("%j is refused", async (options, says) => {
  const env = new FlyteWebhookAppEnvironment({ name: "hook", taskAllowlist: [] });
  await expect(deploy(env, { controlPlane: {} as ControlPlane, ...options })).rejects.toThrow(says);
});
