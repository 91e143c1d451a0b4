import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { type BuildingDevbox, startBuildingDevbox } from "../support/building-devbox.ts";
import { fakeDocker } from "../support/fake-docker.ts";
import { type Caller, createCaller } from "../support/http.ts";

/** `POST /build-image` in front of a devbox as it comes. */
async function startDoor(
  { devbox, keyOf }: BuildingDevbox,
  options: Partial<WebhookOptions> = {},
): Promise<(subject: string) => Caller> {
  const scope = { project: "flytesnacks", domain: "development" };
  const controlPlane = createControlPlane({ endpoint: devbox.url, ...scope });
  const webhook = createWebhook({ name: "door", controlPlane, ...options });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await webhook.close();
    await controlPlane.close();
  });
  return (subject) => createCaller(url, keyOf(subject));
}

const parts = { pip_packages: ["pandas"], apt_packages: ["git"] };
const nameIn = (url: string) => url.slice(url.lastIndexOf("/") + 1);

/** The run's answer once it has ended. */
async function endOf(caller: Caller, name: string) {
  const read = async () => (await caller.get(`/run/${name}`)).body;
  await expect.poll(async () => (await read()).done).toBe(true);
  return read();
}

test("answers the run that builds an image, then that it is there", async () => {
  const docker = await fakeDocker();
  const door = await startDoor(await startBuildingDevbox([docker.folder]));
  const bob = door("bob");
  const query = "?base_image=python:3.12-slim&python_version=3.12&name=tools";
  const asked = await bob.post(`/build-image${query}`, { ...parts, platform: ["linux/arm64"] });
  expect(asked).toMatchObject({
    status: 200,
    body: { image_name: "tools", base_image: "python:3.12-slim", ...parts },
  });
  const url = asked.body.image_build_run_url;
  const name = nameIn(url);
  expect(url).toMatch(/\/v2\/domain\/development\/project\/flytesnacks\/runs\/r[a-z0-9]{19}$/);
  expect(await endOf(bob, name)).toEqual({ name, phase: "succeeded", url, done: true });
  const { outputs, inputs } = (await bob.get(`/run/${name}/io`)).body;
  expect(outputs).toEqual({ o0: inputs.target_image });
  const [, built] = await docker.calls();
  expect(built).toContain(`--tag=${inputs.target_image}`);
  expect(built).toContain("--platform=linux/arm64");

  const again = await bob.post(`/build-image${query}`, parts);
  expect(again.body.image_build_run_url).toBeNull();
  const nothing = await bob.post("/build-image?base_image=python:3.12-slim");
  expect(nothing.body.image_build_run_url).toBeNull();
});

test("a failure tells why over HTTP, and where the Dockerfile is", async () => {
  const door = await startDoor(await startBuildingDevbox([]));
  const bob = door("bob");
  const asked = await bob.post("/build-image", parts);
  const name = nameIn(asked.body.image_build_run_url);
  const ended = await endOf(bob, name);
  expect(ended).toMatchObject({ phase: "failed", done: true });
  expect(ended.error).toMatch(
    /^The image was not built\. Docker cannot be started .* build it elsewhere: docker build --tag flyte:\w{32} - < /,
  );
  const place = /file:\/\/\S+\/Dockerfile/.exec(ended.error)?.[0] ?? "";
  expect(fileURLToPath(place)).toContain(name);
  const io = (await bob.get(`/run/${name}/io`)).body;
  expect(io).toMatchObject({ outputs: null, error: ended.error });
  expect((await bob.post("/build-image", parts)).body.image_build_run_url).not.toBeNull();
});

test("in the original's form a failed run has the original's members", async () => {
  const door = await startDoor(await startBuildingDevbox([]), { compat: "upstream" });
  const alice = door("alice");
  const name = nameIn((await alice.post("/build-image", parts)).body.image_build_run_url);
  const ended = await endOf(alice, name);
  expect(Object.keys(ended)).toEqual(["name", "phase", "url", "done"]);
  expect(ended.phase).toBe("failed");
});

test("two callers who ask for the same at once get a run each, of their own", async () => {
  const docker = await fakeDocker("setTimeout(() => process.exit(0), 200);");
  const door = await startDoor(await startBuildingDevbox([docker.folder]));
  const callers = [door("alice"), door("bob")] as const;
  const answers = await Promise.all(callers.map((caller) => caller.post("/build-image", parts)));
  const names = answers.map(({ body }) => nameIn(body.image_build_run_url));
  expect(new Set(names).size).toBe(2);
  const ends = await Promise.all(callers.map((caller, at) => endOf(caller, names[at] ?? "")));
  expect(ends.map(({ phase }) => phase)).toEqual(["succeeded", "succeeded"]);
  const calls = (await docker.calls()).filter(([, word]) => word === "build");
  const [first = [], second = []] = calls;
  expect(calls).toHaveLength(2);
  expect(first.find((word) => word.startsWith("--tag="))).toBe(
    second.find((word) => word.startsWith("--tag=")),
  );
  expect(first.at(-1)).not.toBe(second.at(-1));
});

test("an image is known where it was built, to those who may read there", async () => {
  const docker = await fakeDocker();
  const door = await startDoor(await startBuildingDevbox([docker.folder]));
  const [alice, bob] = [door("alice"), door("bob")];
  const built = await alice.post("/build-image?domain=production", parts);
  const name = nameIn(built.body.image_build_run_url);
  await expect
    .poll(async () => (await alice.get(`/run/${name}?domain=production`)).body.phase)
    .toBe("succeeded");
  const there = await bob.post("/build-image?domain=production", parts);
  expect(there.body.image_build_run_url).toBeNull();
  const here = await bob.post("/build-image", parts);
  expect(here.body.image_build_run_url).toContain("/domain/development/");
  await endOf(bob, nameIn(here.body.image_build_run_url));
  const other = await bob.post("/build-image?domain=production", { apt_packages: ["git"] });
  expect(other).toMatchObject({ status: 403, body: { code: "permission_denied" } });
});

test("a task allowlist hides builds from those who start them, unless it names the builder", async () => {
  const devbox = await startBuildingDevbox([]);
  const hidden = (await startDoor(devbox, { taskAllowlist: [] }))("bob");
  const told = (await startDoor(devbox, { taskAllowlist: ["production/system/build-image"] }))(
    "bob",
  );
  const { body } = await hidden.post("/build-image", parts);
  const name = nameIn(body.image_build_run_url);
  expect((await hidden.get(`/run/${name}`)).status).toBe(404);
  expect((await endOf(told, name)).phase).toBe("failed");
});

test("the builder that is run by name reads nothing but what was uploaded", async () => {
  const door = await startDoor(await startBuildingDevbox([]));
  const bob = door("bob");
  const inputs = { spec: "http://127.0.0.1:1/spec.pb", context: "", target_image: "a:b" };
  const started = await bob.post("/run-task/production/system/build-image", inputs);
  expect(started.status).toBe(200);
  expect((await endOf(bob, started.body.name)).error).toMatch(/is not in the devbox's store/);
});

test("an allowlist keeps other parts out before anything is asked of the devbox", async () => {
  const docker = await fakeDocker();
  const door = await startDoor(await startBuildingDevbox([docker.folder]), {
    buildAllowlist: ["base:python", "pip:pandas"],
  });
  const bob = door("bob");
  const refused = await bob.post("/build-image?base_image=evil.example/python", parts);
  expect(refused).toMatchObject({
    status: 403,
    body: {
      code: "not_allowlisted",
      detail:
        "Base image evil.example/python is not in the allowlist; Package git is not in the allowlist",
    },
  });
  const taken = await bob.post("/build-image?base_image=python:3.12", {
    pip_packages: ["pandas>2"],
  });
  expect(taken.status).toBe(200);
  await endOf(bob, nameIn(taken.body.image_build_run_url));
});

test("a build is tried dry, waited for, and found again", async () => {
  const docker = await fakeDocker();
  const door = await startDoor(await startBuildingDevbox([docker.folder]));
  const bob = door("bob");
  const query = "?base_image=python:3.12-slim&name=waited";
  const dry = await bob.post(`/build-image${query}&dry_run=true`, parts);
  expect(dry.body).toEqual({
    ...{ dry_run: true, image: expect.stringMatching(/^waited:/), uri: null, build: true },
    existing_run: null,
  });
  const built = await bob.post(`/build-image${query}&wait=60`, parts);
  expect(built).toMatchObject({ status: 200, body: { phase: "succeeded", done: true } });
  expect(built.body.outputs).toBeTypeOf("object");
  const builds = (await docker.calls()).filter((call) => call.includes("build"));
  expect(builds).toHaveLength(1);
  const after = await bob.post(`/build-image${query}&dry_run=true`, parts);
  expect(after.body).toMatchObject({ build: false, uri: expect.stringContaining("waited:") });
  const refused = await bob.post("/build-image?name=NOT+A+NAME&dry_run=true", parts);
  expect(refused.status).toBe(400);
});
