import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { build, FlyteError, Image } from "../../src/index.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { fakeDocker } from "../support/fake-docker.ts";
import { type CommandResult, RunningCommand, runCommand } from "../support/run-command.ts";

/** Docker is the world outside: a program of that name on the path notes how it is called. */
let root: string;
let folder: string;
let command: readonly string[];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "flyte-webhook-build-"));
  command = await bundleCommand(join(root, "package"));
});

afterAll(() => rm(root, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(root, "work-"));
  await mkdir(join(folder, "src"));
  await mkdir(join(folder, "temporary"));
  await writeFile(join(folder, "src/main.ts"), "main");
  await writeFile(
    join(folder, "app.ts"),
    `import { AppEnvironment, Image } from "flyte-webhook";
export const tools = Image.fromBase("debian:12", { name: "tools" }).withAptPackages("git");
const image = Image.fromNode({ name: "my-app", registry: "localhost:5000/me" })
  .withNpmPackages("fastify@5")
  .withSourceFolder(new URL("./src", import.meta.url));
export const env = new AppEnvironment({ name: "web", image, command: "node src/main.ts" });
export const other = new AppEnvironment({ name: "other", image: "debian:12", command: "true" });
`,
  );
});

afterEach(() => vi.unstubAllEnvs());

/** `flyte-webhook build`, with the programs of these folders alone. */
function flyte(line: readonly string[], path: readonly string[] = []): Promise<CommandResult> {
  const env = { PATH: path.join(":"), TMPDIR: join(folder, "temporary") };
  return runCommand(["build", ...line], { command, cwd: folder, env });
}

const dockerfile = `FROM node:24-bookworm-slim
USER root
WORKDIR /app
ENV NODE_ENV="production"
ENV PATH="/app/node_modules/.bin:$PATH"
RUN ["/bin/sh","-c","npm install --no-audit --no-fund --no-update-notifier fastify@5 && npm cache clean --force"]
COPY ["sources/3/","./src/"]
USER 1000:1000
`;

describe("flyte-webhook build", () => {
  test("gives Docker a Dockerfile, the files and a list of arguments", async () => {
    const docker = await fakeDocker(
      'console.error("#1 step"); console.log("done"); process.exit(0);',
    );
    const line = ["app.ts", "web", "--push", "--force", "--platform", "linux/amd64", "linux/arm64"];
    const { code, stdout, stderr } = await flyte(line, [docker.folder]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^localhost:5000\/me\/my-app:[0-9a-f]{32}\n$/);
    expect(stderr).toContain("#1 step\n");
    const [version, built, ...rest] = await docker.calls();
    expect(version).toEqual(["buildx", "version"]);
    expect(built?.slice(0, -1)).toEqual([
      "buildx",
      "build",
      "--progress=plain",
      `--tag=${stdout.trim()}`,
      "--platform=linux/amd64,linux/arm64",
      "--no-cache",
      "--push",
    ]);
    expect(rest).toEqual([]);
    expect(await docker.context()).toEqual({ Dockerfile: dockerfile, "sources/3/main.ts": "main" });
    expect(await readdir(join(folder, "temporary"))).toEqual([]);
  });

  test("leaves the image with Docker unless it is to be pushed, and says so", async () => {
    const docker = await fakeDocker();
    const { stderr } = await flyte(["app.ts", "env"], [docker.folder]);
    expect((await docker.calls())[1]).toContain("--load");
    expect(stderr).toContain("Push it with --push.");
  });

  test("prints a Dockerfile without Docker, and what it leaves out", async () => {
    const { code, stdout, stderr } = await flyte(["app.ts", "my-app", "--print-dockerfile"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: dockerfile });
    expect(stderr).toBe("It copies 1 file. Write them with --output FOLDER.\n");
  });

  test("writes a folder that docker build takes", async () => {
    const { code, stdout, stderr } = await flyte(["app.ts", "web", "--output", "context"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(
      /^Build it with: docker build --tag localhost:5000\/me\/my-app:\w+ context\n$/,
    );
    expect(await readFile(join(folder, "context/Dockerfile"), "utf8")).toBe(dockerfile);
    expect(await readFile(join(folder, "context/sources/3/main.ts"), "utf8")).toBe("main");
  });

  test("describes an image by options", async () => {
    const line = ["--base", "python:3.12-slim", "--apt", "git", "--pip", "a>=1", "--npm", "b"];
    const { stdout } = await flyte([...line, "--print-dockerfile"]);
    expect(stdout.split("\n")).toEqual([
      "FROM python:3.12-slim",
      expect.stringContaining("--no-install-recommends git &&"),
      expect.stringContaining("--no-cache-dir 'a>=1'; fi"),
      expect.stringContaining("--no-update-notifier b &&"),
      "",
    ]);
    expect((await flyte(["--node", "--print-dockerfile"])).stdout).toContain("FROM node:24-");
  });

  test.each<[string, readonly string[], string]>([
    ["nothing", [], "Say what to build:"],
    ["two bases", ["--base", "a", "--node"], "Give --base or --node, not both."],
    [
      "a file and packages",
      ["app.ts", "--apt", "git"],
      "--apt cannot be given together with a file",
    ],
    ["several images", ["app.ts"], "app.ts exports 2 images; name one of: env, tools."],
    [
      "another name",
      ["app.ts", "tool"],
      'exports no image "tool"; it has: env, tools. Did you mean "tools"?',
    ],
    ["no file", ["none.ts"], "Cannot read none.ts: there is no such file."],
    ["no image", ["src/main.ts"], "Cannot load main.ts"],
    [
      "a wrong part",
      ["--base", "a", "--npm", "a b"],
      "layers[0].packages[0]: is not an npm package",
    ],
    ["a wrong platform", ["--node", "--platform", "mips"], "platforms[0]: is not a platform"],
  ])("refuses %s", async (_what, line, says) => {
    const { code, stdout, stderr } = await flyte(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
  });

  test("says what is missing without Docker, without buildx and without its daemon", async () => {
    const line = ["app.ts", "web"];
    const none = await flyte(line);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain(
      'error: Docker cannot be started on this machine (ENOENT). Install Docker with buildx, let the control plane build the image (builder "remote"), or build its Dockerfile elsewhere (flyte-webhook build --print-dockerfile).',
    );
    const bare = join(folder, "bare");
    await mkdir(bare);
    const script = `#!${process.execPath}\nconsole.error("docker: unknown command"); process.exit(1);`;
    await writeFile(join(bare, "docker"), script, { mode: 0o755 });
    expect((await flyte(line, [bare])).stderr).toContain("has no buildx, which builds images.");
    const asleep = await fakeDocker(
      'console.error("ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"); process.exit(1);',
    );
    expect((await flyte(line, [asleep.folder])).stderr).toContain(
      "error: Docker's daemon does not answer. Start it, let the control plane build the image",
    );
  });

  test("quotes the end of a build that fails", async () => {
    const docker = await fakeDocker(
      'for (let i = 0; i < 9; i++) console.error("line " + i); process.exit(17);',
    );
    const { code, stdout, stderr } = await flyte(["app.ts", "web"], [docker.folder]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("error: docker buildx build ended with code 17: line 4\nline 5\n");
    expect(await readdir(join(folder, "temporary"))).toEqual([]);
  });

  test("Ctrl-C ends Docker and leaves nothing behind", async () => {
    const docker = await fakeDocker('console.error("building"); setInterval(() => {}, 1000);');
    const env = { PATH: docker.folder, TMPDIR: join(folder, "temporary") };
    await using running = new RunningCommand(["build", "app.ts", "web"], {
      command,
      cwd: folder,
      env,
    });
    await running.saw(/building/);
    running.kill("SIGINT");
    expect(await running.wait()).toBe(130);
    expect(running.written).toContain("Stopped.");
    expect(await readdir(join(folder, "temporary"))).toEqual([]);
  });
});

describe("build(image, { builder: 'local' })", () => {
  const image = Image.fromBase("debian:12", { name: "a" }).withCommands(["true"]);

  test("resolves with where the image is, and needs no control plane", async () => {
    const docker = await fakeDocker('console.log("one\\ntwo"); process.exit(0);');
    vi.stubEnv("PATH", docker.folder);
    const lines: string[] = [];
    const built = await build(image, { builder: "local", onOutput: (line) => lines.push(line) });
    expect(built).toEqual({ name: image.uri, uri: image.uri, run: undefined });
    expect(lines).toEqual(["one", "two"]);
  });

  test("needs no Docker for an image that is its base", async () => {
    vi.stubEnv("PATH", folder);
    const built = await build(Image.fromBase("debian:12"), { builder: "local" });
    expect(built).toEqual({ name: "debian:12", uri: "debian:12", run: undefined });
  });

  test("ends by its signal", async () => {
    const docker = await fakeDocker('console.error("building"); setInterval(() => {}, 1000);');
    vi.stubEnv("PATH", docker.folder);
    const controller = new AbortController();
    const { signal } = controller;
    const building = build(image, { builder: "local", signal, onOutput: () => controller.abort() });
    await expect(building).rejects.toMatchObject({ code: "canceled" });
    const again = await build(image, { builder: "local", signal }).catch((error: unknown) => error);
    expect(FlyteError.is(again) && again.message).toBe("The build was canceled.");
  });

  test("a folder without files is copied as one", async () => {
    const docker = await fakeDocker();
    await mkdir(join(folder, "empty"));
    await symlink(docker.folder, join(folder, "path"));
    vi.stubEnv("PATH", join(folder, "path"));
    await build(image.withSourceFolder(join(folder, "empty")), { builder: "local" });
    expect((await docker.context())["Dockerfile"]).toContain('COPY ["sources/1/","./empty/"]');
  });
});
