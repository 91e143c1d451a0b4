import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { splitShellWords } from "../../src/app/environment/shell-words.ts";
import { commandPath, createProgram } from "../../src/cli/program.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { type FakeDocker, fakeDocker } from "../support/fake-docker.ts";
import { ownEnvironment, RunningCommand, runCommand, runProgram } from "../support/run-command.ts";
import { unusedPort } from "../support/unused-port.ts";

/** What docs/deploy.md tells people to paste, as far as it can be run without a cluster. */
let page: string;
let folder: string;
let command: readonly string[];
let devbox: ServerProcess;

beforeAll(async () => {
  page = await readFile(resolve(import.meta.dirname, "../../docs/deploy.md"), "utf8");
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-deploy-"));
  command = await bundleCommand(join(folder, "package"));
  await mkdir(join(folder, "src"));
  await mkdir(join(folder, "node_modules"));
  await symlink(join(folder, "package"), join(folder, "node_modules/flyte-webhook"));
  await writeFile(join(folder, "src/server.js"), "");
  await writeFile(join(folder, "key.txt"), "secret");
  await writeFile(join(folder, "app.ts"), blocksOf("ts")[1] ?? "");
  const line = ["devbox", "--state", join(folder, "state"), "--port", "0", "--gateway-port", "0"];
  devbox = await ServerProcess.start(line, { command });
});

afterAll(async () => {
  await devbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

function blocksOf(language: string): readonly string[] {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...blocks].map(([, text = ""]) => text);
}

/** The lines of a block, continued ones joined. */
function linesOf(block: string): readonly string[] {
  return block
    .replaceAll("\\\n", " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
}

/** The page's control plane, project and domain are this devbox's here. */
function here(text: string): string {
  return text
    .replaceAll("https://flyte.example.com", devbox.ready.controlPlane)
    .replaceAll(/\bml\b/g, "flytesnacks")
    .replaceAll(/\bproduction\b/g, "development");
}

interface Manifest {
  readonly kind: string;
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly securityContext: object;
  readonly containers: readonly {
    readonly command: readonly string[];
    readonly args: readonly string[];
    readonly env: readonly { readonly name: string; readonly value: string }[];
    readonly ports: readonly { readonly containerPort: number }[];
    readonly securityContext: object;
    readonly startupProbe: { readonly httpGet: { readonly path: string } };
  }[];
}

function podOf(text: string): PodSpec {
  const documents = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  expect(documents.map(({ kind }) => kind)).toEqual(["Deployment", "Service"]);
  return documents[0]?.spec.template.spec ?? expect.unreachable();
}

/** A home of its own, in which `create config` has written what the others read. */
function variables(docker?: FakeDocker): NodeJS.ProcessEnv {
  return {
    HOME: folder,
    FLYTE_API_KEY: devbox.ready.keys["alice"],
    PATH: [...(docker ? [docker.folder] : []), dirname(process.execPath)].join(delimiter),
  };
}

test("every flyte-webhook command on the page exists, with its options", () => {
  const program = createProgram();
  const known = new Map(
    program.commands
      .flatMap((each) => [each, ...each.commands])
      .map((each) => [commandPath(each), each]),
  );
  const inline = [...page.matchAll(/`(flyte-webhook [^`…]+)`/g)].map(([, text = ""]) => text);
  const lines = [...inline, ...[...blocksOf("sh"), ...blocksOf("ini")].flatMap(linesOf)];
  let checked = 0;
  for (const line of lines) {
    const words = splitShellWords(line.replace(/^ExecStart=/, ""));
    const at = words.findIndex((word) => /^(?:\S*\/)?flyte-webhook$/.test(word));
    if (at < 0) continue;
    const [first = "", second = "", ...rest] = words.slice(at + 1);
    const nested = known.get(`flyte-webhook ${first} ${second}`);
    const found = nested ?? known.get(`flyte-webhook ${first}`);
    expect(found, line).toBeDefined();
    expect(found?.parseOptions(nested ? rest : [second, ...rest]).unknown, line).toEqual([]);
    checked += 1;
  }
  expect(checked).toBeGreaterThan(12);
});

/** Runs a line with the stand-in for Docker; what it writes to standard output. */
async function runLine(line: string, docker: FakeDocker): Promise<string> {
  const [program = "", ...args] = splitShellWords(here(line));
  const result =
    program === "docker"
      ? await runProgram([join(docker.folder, "docker"), ...args], { cwd: folder })
      : await runCommand(args, { command, cwd: folder, env: variables(docker) });
  const { code, stdout, stderr } = result;
  expect({ line, code, stderr: code === 0 ? "" : stderr }).toEqual({ line, code: 0, stderr: "" });
  return stdout;
}

test("the ten lines lead from an image to two apps on the control plane", async () => {
  const docker = await fakeDocker();
  const lines = linesOf(blocksOf("sh")[0] ?? "");
  expect(lines).toHaveLength(10);
  let printed = "";
  for (const line of lines) {
    // The key here is that of the devbox's user.
    if (!line.startsWith("export ")) printed = await runLine(line, docker);
  }
  expect(printed).toMatch(/^ci-webhook /m);
  expect(printed).toMatch(/^my-app /m);
  expect((await docker.calls()).map((call) => call.slice(0, 2))).toEqual([
    ["build", "--tag"],
    ["push", "ghcr.io/my-org/flyte-webhook:0.1.0"],
    ["buildx", "version"],
    ["buildx", "build"],
  ]);
  const { Dockerfile = "", ...files } = await docker.context();
  expect(Dockerfile).toContain("FROM node:24-bookworm-slim");
  expect(Object.keys(files)).toEqual(["sources/3/server.js"]);
  const [build = ""] =
    (await docker.calls()).at(-1)?.filter((word) => word.startsWith("--tag=")) ?? [];
  const app = await runLine("flyte-webhook deploy app.ts my-app --dry-run --json", docker);
  expect(app).toContain(JSON.stringify(build.slice("--tag=".length)));
});

test("the webhook is tried on this machine before", async () => {
  const [serve = "", curl = ""] = linesOf(blocksOf("sh")[1] ?? "");
  const port = await unusedPort();
  const scope = ["--endpoint", devbox.ready.controlPlane, "-p", "flytesnacks", "-d", "development"];
  const [, ...args] = splitShellWords(serve);
  const env = { ...variables(), PORT: String(port) };
  await using server = new RunningCommand([...args, ...scope], { command, cwd: folder, env });
  await server.saw(/^runs go to +flytesnacks\/development$/m);
  const address = splitShellWords(curl).at(-1) ?? "";
  const answer = await fetch(address.replace(":8080", `:${port}`));
  expect(await answer.json()).toEqual({ status: "healthy" });
  server.kill("SIGTERM");
  expect(await server.wait()).toBe(0);
});

test("the pre-built webhook is deployed by arguments, and comes up", async () => {
  const docker = await fakeDocker();
  const [line = ""] = linesOf(blocksOf("sh")[2] ?? "");
  const connection = `--endpoint ${devbox.ready.controlPlane} -p flytesnacks -d development`;
  await runLine(`${line.replace("--name ci-webhook", "--name waited")} ${connection}`, docker);
  const app = await runLine(`flyte-webhook get app waited --json ${connection}`, docker);
  expect(JSON.parse(app)).toMatchObject({ name: "waited" });
});

test("the pre-built webhook is deployed by TypeScript", async () => {
  const [text = ""] = blocksOf("ts");
  await writeFile(join(folder, "deploy.mjs"), here(text));
  const scope = {
    FLYTE_ENDPOINT: devbox.ready.controlPlane,
    FLYTE_INTERNAL_EXECUTION_PROJECT: "flytesnacks",
    FLYTE_INTERNAL_EXECUTION_DOMAIN: "development",
  };
  const env = ownEnvironment(folder, { ...variables(), ...scope });
  const words = [process.execPath, join(folder, "deploy.mjs")];
  const { code, stdout, stderr } = await runProgram(words, { cwd: folder, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^http:\/\/ci-webhook-flytesnacks-development\.localhost:\d+\n$/);
});

test("the manifest starts the webhook as its probes expect, and gives it no right it does not need", async () => {
  const [yaml = ""] = blocksOf("yaml");
  const pod = podOf(here(yaml));
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true });
  const [container = expect.unreachable()] = pod.containers;
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  expect([container.command, container.ports[0]?.containerPort]).toEqual([["flyte-webhook"], 8080]);
  const port = await unusedPort();
  const given = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
  const env = { ...given, HOME: join(folder, "nowhere"), PORT: String(port) };
  await using server = new RunningCommand(container.args, { command, cwd: "/", env });
  await server.saw(/^runs go to +flytesnacks\/development$/m);
  const { path } = container.startupProbe.httpGet;
  expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
});
