import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { fetchConsole } from "../support/console-assets.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

let folder: string;

/** The packed package, installed into an empty folder as a user would. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-package-"));
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: root });
  const [tarball = ""] = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
  await writeFile(
    join(folder, "package.json"),
    '{"name":"consumer","private":true,"type":"module"}',
  );
  await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", `./${tarball}`], {
    cwd: folder,
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const consumer = `
import { authMetadata, createControlPlane, FlyteError, init, remote, type RunStatus } from "flyte-webhook";
import { startDevbox } from "flyte-webhook/devbox";
import { defineTask, t } from "flyte-webhook/tasks";

export const task = defineTask(
  { name: "a.b", inputs: { x: t.int() }, outputs: { y: t.list(t.float()) } },
  async ({ x }) => ({ y: [x * 2] }),
);
export async function main(): Promise<RunStatus> {
  await using devbox = await startDevbox({ state: "memory", port: 0 });
  await using controlPlane = createControlPlane({ endpoint: devbox.url });
  const user = await authMetadata([["authorization", "Bearer x"]], () => remote.User.get());
  if (FlyteError.is(user)) throw user;
  await init({ endpoint: devbox.url });
  return controlPlane.runs.get({ name: "r" });
}
`;

test("its types compile in a strict project that checks libraries too", async () => {
  await writeFile(join(folder, "consumer.ts"), consumer);
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2023",
        lib: ["es2023", "esnext.disposable"],
        module: "nodenext",
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        types: ["node"],
        typeRoots: [join(root, "node_modules/@types")],
      },
      files: ["consumer.ts"],
    }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = await run(process.execPath, [tsc, "-p", folder]).catch((error) => error);
  expect(stdout).toBe("");
});

test("its command serves, runs a task and stops", async () => {
  const command = [process.execPath, join(folder, "node_modules/flyte-webhook/dist/cli.js")];
  await using server = await ServerProcess.start(
    ["dev", "--state", "memory", "--port", "0", "--devbox-port", "0"],
    { command },
  );
  const alice = createCaller(server.ready.webhook, server.ready.keys["alice"]);
  expect((await alice.get("/health")).body).toEqual({ status: "healthy" });
  const path = "/run-task/development/flytesnacks/stats.describe";
  expect((await alice.post(path, { values: [1] })).status).toBe(200);
  for (const page of ["/docs", "/redoc", "/openapi.json"]) {
    expect((await alice.get(page)).status).toBe(200);
  }
  expect(await server.stop()).toBe(0);
});

/** Of the first page, compressed: what has to come before anything shows. */
const longestFirstPage = 150_000;

test("it brings its console along, whole and small", async () => {
  const installed = join(folder, "node_modules/flyte-webhook");
  await using server = await ServerProcess.start(
    ["dev", "--state", "memory", "--port", "0", "--devbox-port", "0", "--no-tasks"],
    { command: [process.execPath, join(installed, "dist/cli.js")] },
  );
  const { page, assets, needs } = await fetchConsole(server.ready.console);
  expect(page.text).toContain('<div id="console">');
  // All that ships is reached from the page, and nothing more can be asked for.
  const shipped = await readdir(join(installed, "dist/console"), { recursive: true });
  const known = shipped.filter((name) => !/^(?:assets|index\.html)$|\.(?:br|gz)$/.test(name));
  expect([...assets.keys()].sort()).toEqual(known.sort());
  expect(shipped.filter((name) => /\.map$|\.vite|\.md$/.test(name))).toEqual([]);
  expect(needs.size).toBeGreaterThanOrEqual(10);
  for (const [script, names] of needs) {
    const files = names.map((name) => assets.get(name));
    const size = files.reduce((total, file) => total + (file?.size ?? Number.NaN), page.size);
    expect([script, size < longestFirstPage]).toEqual([script, true]);
  }
  const licenses = await readFile(join(installed, "dist/THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["preact", "@connectrpc/connect-web", "@tanstack/virtual-core"]) {
    expect(licenses).toMatch(new RegExp(`^${name} \\d`, "m"));
  }
  expect(licenses).toMatch(/^@bufbuild\/protobuf \d/m);
  expect(await server.stop()).toBe(0);
});

test.each([22, 24, 26])("its command runs a task on Node %i", async (major) => {
  const prefix = join(folder, `node-${major}`);
  await run("npm", [
    "install",
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--prefix",
    prefix,
    `node@${major}`,
  ]);
  const node = join(prefix, "node_modules/.bin/node");
  const { stdout } = await run(node, ["--version"]);
  expect(stdout).toMatch(new RegExp(`^v${major}\\.`));
  await using server = await ServerProcess.start(
    ["dev", "--state", "memory", "--port", "0", "--devbox-port", "0"],
    { command: [node, join(folder, "node_modules/flyte-webhook/dist/cli.js")] },
  );
  await using controlPlane = createControlPlane({
    endpoint: server.ready.controlPlane,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(server.ready.keys["alice"] ?? ""),
  });
  const started = await controlPlane.runs.start({ name: "stats.describe" }, { values: [1, 3] });
  expect((await controlPlane.runs.wait(started)).phase).toBe("succeeded");
  expect(await server.stop()).toBe(0);
});

test("it needs nothing that compiles or downloads at install", async () => {
  const { stdout } = await run(
    process.execPath,
    [
      "--input-type=module",
      "-e",
      "await import('flyte-webhook'); await import('flyte-webhook/devbox'); console.log('ok')",
    ],
    { cwd: folder },
  );
  expect(stdout.trim()).toBe("ok");
});
