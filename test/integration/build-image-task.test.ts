import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { build } from "../../src/app/image/build.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { Image } from "../../src/client/image.ts";
import { startBuildingDevbox } from "../support/building-devbox.ts";
import { fakeDocker } from "../support/fake-docker.ts";
import { runProgram } from "../support/run-command.ts";
import { isAlive } from "../support/served.ts";

/** The devbox's own builder. Docker is the world outside: a program of that name on the path, or none. */
const image = Image.fromBase("debian:12", { name: "tools" }).withAptPackages("git");

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-builder-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function logsOf(controlPlane: ControlPlane, name: string): Promise<string> {
  const lines: string[] = [];
  for await (const { message } of controlPlane.runs.logs({ name })) lines.push(message);
  return lines.join("\n");
}

describe("with Docker", () => {
  test("the image is built, and known from then on", async () => {
    const docker = await fakeDocker('console.error("#1 step"); process.exit(0);');
    const { as } = await startBuildingDevbox([docker.folder]);
    const controlPlane = as("alice");
    const folder = await tempFolder();
    await mkdir(join(folder, "src/deep"), { recursive: true });
    await writeFile(join(folder, "src/a b.sh"), "#!/bin/sh\n", { mode: 0o755 });
    await writeFile(join(folder, "src/deep/c.ts"), "c");
    const full = image
      .withPipPackages("httpx>=0.28", { pre: true, indexUrl: "https://i.example" })
      .withCommands(["echo 'a'"])
      .withEnvVars({ A: "1" })
      .withWorkdir("/srv")
      .withSourceFolder(join(folder, "src"));
    const { run, uri } = await build(full, { controlPlane });
    expect(uri).toBeUndefined();
    expect((await run?.wait())?.phase).toBe("succeeded");
    expect(await run?.outputs()).toEqual({ o0: full.uri });

    const [version, built, ...rest] = await docker.calls();
    expect(version).toEqual(["buildx", "version"]);
    expect(built).toEqual([
      "buildx",
      "build",
      "--progress=plain",
      `--tag=${full.uri}`,
      expect.stringMatching(/^--file=.*\/Dockerfile$/),
      "--load",
      expect.stringMatching(/\/context$/),
    ]);
    expect(rest).toEqual([]);
    expect(await docker.context()).toEqual({
      "sources/5/a b.sh": "#!/bin/sh\n",
      "sources/5/deep/c.ts": "c",
    });
    const logs = await logsOf(controlPlane, run?.name ?? "");
    expect(logs).toContain("#1 step");
    expect(logs).toContain(
      [
        "FROM debian:12",
        'RUN ["/bin/sh","-c","apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*"]',
      ].join("\n"),
    );
    expect(logs).toContain('ENV A="1"\nWORKDIR /srv\nCOPY ["sources/5","./src/"]');

    expect(await build(full, { controlPlane })).toMatchObject({ uri: full.uri, run: undefined });
  });

  test("it is pushed where its name has a registry, for the platforms that were asked for", async () => {
    const docker = await fakeDocker();
    const { as } = await startBuildingDevbox([docker.folder]);
    const options = {
      name: "a",
      registry: "localhost:5000/me",
      platforms: ["linux/arm64"],
    } as const;
    const pushed = Image.fromBase("debian:12", options);
    const { run } = await build(pushed, { controlPlane: as("bob") });
    await run?.wait();
    const [, built] = await docker.calls();
    expect(built).toContain("--push");
    expect(built).toContain("--platform=linux/arm64");
    expect(await run?.outputs()).toEqual({ o0: pushed.uri });
  });

  test("a build that fails is a failed run with the end of what Docker said", async () => {
    const docker = await fakeDocker('console.error("no space left"); process.exit(17);');
    const { as } = await startBuildingDevbox([docker.folder]);
    const controlPlane = as("alice");
    const { run } = await build(image, { controlPlane });
    expect(await run?.wait()).toMatchObject({
      phase: "failed",
      error: { message: "docker buildx build ended with code 17: no space left" },
    });
    const again = await build(image, { controlPlane });
    expect(again.uri).toBeUndefined();
    await again.run?.wait();
  });

  test("an abort ends Docker", async () => {
    const docker = await fakeDocker(`
      fs.writeFileSync(__dirname + "/pid", String(process.pid));
      console.error("building");
      setInterval(() => {}, 1000);`);
    const { as } = await startBuildingDevbox([docker.folder]);
    const { run } = await build(image, { controlPlane: as("alice") });
    const pid = () => readFile(join(docker.folder, "pid"), "utf8").catch(() => "");
    await expect.poll(pid).toMatch(/^\d+$/);
    await run?.abort("not needed");
    expect(await run?.wait()).toMatchObject({ phase: "aborted" });
    const number = Number(await pid());
    await expect.poll(() => isAlive(number)).toBe(false);
  });
});

describe("without Docker", () => {
  test("the run fails honestly, and keeps all that a build elsewhere needs", async () => {
    const { as } = await startBuildingDevbox([]);
    const controlPlane = as("alice");
    const folder = await tempFolder();
    await writeFile(join(folder, "one.txt"), "one");
    const copied = image.withSourceFile(join(folder, "one.txt"));
    const { run } = await build(copied, { controlPlane });
    const ended = await run?.wait();
    expect(ended?.phase).toBe("failed");
    const message = ended?.error?.message ?? "";
    expect(message).toMatch(
      /^The image was not built\. Docker cannot be started on this machine \(ENOENT\)\. Install Docker with buildx on the devbox's machine and build again, or build it elsewhere: docker build --tag tools:[0-9a-f]{32} - < \/\S+\/context\.tar\.gz\. Its Dockerfile is at file:\/\/\S+\/Dockerfile, and in the run's log\.$/,
    );
    const dockerfile = /file:\/\/\S+\/Dockerfile/.exec(message)?.[0] ?? "";
    const text = await readFile(fileURLToPath(dockerfile), "utf8");
    expect(text).toMatch(/^FROM debian:12\nRUN .*\nCOPY \["sources\/1","\.\/"\]\n$/);
    expect(await logsOf(controlPlane, run?.name ?? "")).toContain(text.trim());

    const archive = /- < (\S+)\./.exec(message)?.[1] ?? "";
    const { stdout } = await runProgram(
      ["/usr/bin/env", "tar", "-xzf", archive, "-C", folder, "-v"],
      {
        cwd: folder,
        env: { PATH: "/usr/bin:/bin" },
      },
    );
    expect(stdout.trim().split("\n")).toEqual(["Dockerfile", "sources/1/one.txt"]);
    expect(await readFile(join(folder, "Dockerfile"), "utf8")).toBe(text);

    expect((await build(copied, { controlPlane })).uri).toBeUndefined();
  });

  test("a daemon that does not answer, or no buildx, is told as that", async () => {
    const asleep = await fakeDocker(
      'console.error("ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"); process.exit(1);',
    );
    const { as } = await startBuildingDevbox([asleep.folder]);
    const first = await build(image, { controlPlane: as("alice") });
    expect((await first.run?.wait())?.error?.message).toMatch(
      /^The image was not built\. Docker's daemon does not answer\. Start it on the devbox's machine/,
    );
    const script = `#!${process.execPath}\nconsole.error("unknown command"); process.exit(1);`;
    await writeFile(join(asleep.folder, "docker"), script, { mode: 0o755 });
    const second = await build(image, { controlPlane: as("alice") });
    expect((await second.run?.wait())?.error?.message).toMatch(
      /Docker on this machine has no buildx, which builds images\. Install Docker with buildx on/,
    );
  });
});
