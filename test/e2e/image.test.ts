import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { readStages, restsOf, variablesOf, wordsOf } from "../support/dockerfile.ts";
import { RunningCommand, runProgram } from "../support/run-command.ts";
import { unusedPort } from "../support/unused-port.ts";

/** The steps of the Dockerfile, on this machine: pack, install by the lock file, link, start as a container would. */
const root = resolve(import.meta.dirname, "../..");
const stages = readStages();
const [, install = [], image = []] = stages;

let folder: string;
let app: string;
let bin: string;
let devbox: Devbox;

async function run(command: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram(command, { cwd });
  expect({ command, code, stderr: code === 0 ? "" : stderr }).toEqual({
    command,
    code: 0,
    stderr: "",
  });
  return stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-image-"));
  [app, bin] = [join(folder, "app"), join(folder, "bin")];
  for (const path of [app, bin]) await mkdir(path);
  await run(["npm", "pack", "--ignore-scripts", "--pack-destination", folder], root);
  await run(["sh", "-c", `tar -xzf ../*.tgz --strip-components=1`], app);
  await cp(join(root, "package-lock.json"), join(app, "package-lock.json"));
  for (const command of restsOf(install, "RUN")) await run(["sh", "-c", command], app);
  for (const command of restsOf(image, "RUN")) {
    const here = command.replaceAll("/opt/flyte-webhook", app).replaceAll("/usr/local/bin", bin);
    await run(["sh", "-c", here], app);
  }
  devbox = await startDevbox({ state: "memory", port: 0 });
});

afterAll(async () => {
  await devbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** The environment of a container: nothing of this one but the way to Node.js. */
function variables(given: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const empty = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  const path = [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
  return { ...empty, PATH: path, ...variablesOf(image), ...given };
}

function healthCheck(port: number): Promise<number | null> {
  const env = variables({ PORT: String(port) });
  const words = wordsOf(image, "HEALTHCHECK");
  return runProgram(words, { cwd: folder, env }).then(({ code }) => code);
}

test("it serves what arguments say, is healthy, and ends by SIGTERM", async () => {
  const port = await unusedPort();
  const env = variables({
    PORT: String(port),
    FLYTE_ENDPOINT: devbox.url,
    FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
    FLYTE_INTERNAL_EXECUTION_DOMAIN: "development",
  });
  const [program = "", ...args] = wordsOf(image, "CMD");
  const given = [...args, "--name", "ci", "--endpoint-group", "core", "task"];
  await using server = new RunningCommand(given, { command: [join(bin, program)], cwd: "/", env });
  await server.saw(/^runs go to +flytesnacks\/development$/m);
  expect(await healthCheck(port)).toBe(0);
  // Another address than that of the host name: it listens on all.
  const answer = await fetch(`http://127.0.0.2:${port}/openapi.json`);
  expect(Object.keys(((await answer.json()) as { paths: object }).paths)).toContain(
    "/run-task/{domain}/{project}/{name}",
  );
  server.kill("SIGTERM");
  expect(await server.wait()).toBe(0);
  expect(await healthCheck(port)).toBe(1);
});

test("without a control plane it says what to give", async () => {
  const { code, stderr } = await runProgram(wordsOf(image, "CMD"), {
    cwd: "/",
    env: variables({ HOME: folder }),
  });
  expect(code).toBe(2);
  expect(stderr).toContain("No control plane is configured.");
});

test("the runtime of tasks and the launcher of apps are there", async () => {
  for (const name of ["flyte-task", "flyte-app"]) {
    const { code, stderr } = await runProgram([join(bin, name)], { cwd: "/", env: variables() });
    expect({ name, code, stderr }).toMatchObject({ code: expect.any(Number) });
    expect(stderr).not.toMatch(/Cannot find (?:module|package)|ENOENT|SyntaxError/);
    expect(code).not.toBe(0);
  }
});
