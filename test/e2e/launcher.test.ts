import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packCode } from "../../src/app/bundle/pack-code.ts";
import { RunningCommand } from "../support/run-command.ts";
import { unusedPort } from "../support/unused-port.ts";

const root = resolve(import.meta.dirname, "../..");
const command = [process.execPath, join(root, "dist/app/runtime/main.js")];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-launcher-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const server =
  'server: ({ host, port }) => createServer((_, a) => a.end("here")).listen(port, host)';

test.each<[part: string, names: string, include: string[]]>([
  ["flyte-webhook-apps", "AppEnvironment, serve, deploy, passthroughMiddleware", []],
  ["flyte-webhook-client", "AppEnvironment, createControlPlane, init, remote, Image, build", []],
  ["flyte-webhook", "AppEnvironment, createWebhook", []],
  ["flyte-webhook", "AppEnvironment", ["plugin.mjs"]],
])("the launcher loads %s for the names %s and files %j", async (part, names, include) => {
  const source = join(folder, "app.ts");
  await writeFile(
    source,
    `import { createServer } from "node:http";
     import { ${names} } from "flyte-webhook";
     export const used = [${names}];
     export const env = new AppEnvironment({ name: "app", ${server} });`,
  );
  await writeFile(join(folder, "plugin.mjs"), 'export * from "flyte-webhook";');
  const file = join(folder, "app.tgz");
  await writeFile(file, (await packCode(source, include)).bytes);
  const port = await unusedPort();
  const env = { PORT: String(port), FLYTE_APP_HOST: "127.0.0.1" };
  const cwd = await mkdtemp(join(folder, "work-"));
  const line = ["--tgz", pathToFileURL(file).href, "app"];
  await using app = new RunningCommand(line, { command, cwd, env });
  const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
  await expect.poll(() => ask().catch(() => "")).toBe("here");
  const [unpacked = ""] = await readdir(cwd);
  const entry = join(cwd, unpacked, "node_modules/flyte-webhook/entry-0.js");
  expect(await readFile(entry, "utf8")).toContain(`/dist/app/runtime/${part}.js`);
  app.kill("SIGTERM");
  expect(await app.wait()).toBe(0);
  expect(await readdir(cwd)).toEqual([]);
});

test("the parts of the package are parts of its entry, and nothing is in none of them", async () => {
  const keys = async (file: string): Promise<readonly string[]> => {
    const code = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(pathToFileURL(join(root, "dist", file)).href)}))))`;
    const line = ["--input-type=module", "-e", code];
    const { stdout } = await promisify(execFile)(process.execPath, line);
    return JSON.parse(stdout) as readonly string[];
  };
  const all = await keys("index.js");
  const [apps, client, bundled] = await Promise.all(
    ["-apps", "-client", ""].map((part) => keys(`app/runtime/flyte-webhook${part}.js`)),
  );
  expect(bundled).toEqual(all);
  expect(all.filter((name) => !client?.includes(name))).toEqual([
    "FlyteWebhookAppEnvironment",
    "cloudEvents",
    "createWebhook",
    "github",
    "gitlab",
    "hmac",
    "replayDelivery",
    "slack",
    "standardWebhooks",
    "stripe",
  ]);
  expect(apps?.filter((name) => !client?.includes(name))).toEqual([]);
  expect(apps).toEqual(expect.arrayContaining(["AppEnvironment", "serve", "passthroughAuth"]));
});
