import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type BuildingDevbox, startBuildingDevbox } from "../support/building-devbox.ts";
import { fromSource } from "../support/dev-process.ts";
import { fakeDocker } from "../support/fake-docker.ts";
import { type CommandResult, runCommand } from "../support/run-command.ts";

/** `flyte-webhook build` in front of a devbox, as bob. */
async function commandOf({
  devbox,
  keyOf,
}: BuildingDevbox): Promise<(line: readonly string[], config?: string) => Promise<CommandResult>> {
  const cwd = await mkdtemp(join(tmpdir(), "flyte-webhook-build-"));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const env = { FLYTE_API_KEY: keyOf("bob"), FLYTE_PROJECT: "", FLYTE_DOMAIN: "" };
  return async (line, config = "") => {
    const admin = `admin: { endpoint: "${devbox.url}", insecure: true }`;
    const task = "task: { project: flytesnacks, domain: development }";
    await writeFile(join(cwd, "config.yaml"), `${admin}\n${task}\n${config}`);
    return runCommand(["build", ...line], { command: fromSource, cwd, env });
  };
}

const parts = ["--base", "debian:12", "--apt", "git", "--image-name", "tools"];

test("--wait prints where the image is; asked again, it is there", async () => {
  const docker = await fakeDocker();
  const build = await commandOf(await startBuildingDevbox([docker.folder]));
  const line = [...parts, "--builder", "remote", "--wait"];
  const first = await build(line);
  expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tools:[0-9a-f]{32}\n$/) });
  expect(first.stderr).toMatch(/^run r\w+ {2}http:/);
  const second = await build([...line, "--json"]);
  const name = first.stdout.trim();
  expect(JSON.parse(second.stdout)).toEqual({ name, uri: name, run: null, url: null });
  expect((await docker.calls()).filter(([, word]) => word === "build")).toHaveLength(1);
  const forced = await build([...line, "--force"]);
  expect(forced).toMatchObject({ code: 0, stdout: first.stdout });
  expect((await docker.calls()).filter(([, word]) => word === "build")).toHaveLength(2);
});

test("--wait fails as the build does, and says what to do; without it the run is told", async () => {
  const build = await commandOf(await startBuildingDevbox([]));
  const waited = await build([...parts, "--builder", "remote", "--wait"]);
  expect(waited).toMatchObject({ code: 1, stdout: "" });
  expect(waited.stderr).toMatch(
    /error: The build ended as failed: The image was not built\. Docker cannot be started .* docker build --tag tools:\w{32} - < \S+\. Its Dockerfile is at \S+, and in the run's log\. See it with: flyte-webhook get logs r\w+/,
  );
  const started = await build([...parts, "--builder", "remote"]);
  expect(started).toMatchObject({ code: 0 });
  expect(started.stdout).toMatch(/^image\s+tools:\w{32}\nrun\s+r\w+\nurl\s+http:\S+\n$/);
});

test("the configuration chooses builder and registry where the command line does not", async () => {
  const docker = await fakeDocker();
  const build = await commandOf(await startBuildingDevbox([docker.folder]));
  const config = "image: { builder: remote, registry: registry.example/me }";
  const there = await build([...parts, "--wait"], config);
  expect(there).toMatchObject({ code: 0 });
  expect(there.stdout).toMatch(/^registry\.example\/me\/tools:\w{32}\n$/);
  expect((await docker.calls())[1]).toContain("--push");
  const own = await build([...parts, "--registry", "localhost:5000", "--print-dockerfile"], config);
  expect(own.stdout).toContain("FROM debian:12");
  const bare = await build(["--base", "debian:12"], config);
  expect(bare).toMatchObject({ code: 0, stdout: "debian:12\n" });
  const wrong = await build(parts, "image: { builder: docker }");
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain("image.builder");
});

test("an image with a user of its own is refused by the builder of control planes", async () => {
  const build = await commandOf(await startBuildingDevbox([]));
  const refused = await build(["--node", "--npm", "fastify@5", "--builder", "remote"]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("cannot set the user of an image, here 1000:1000");
});
