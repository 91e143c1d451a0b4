import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCommand } from "../support/bundled-command.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";
import { runCommand } from "../support/run-command.ts";
import { answers, isAlive, takenPort, textOf } from "../support/served.ts";

let folder: string;
let command: readonly string[];

/** What the files below hold. Fastify is found from where they lie. */
const files: Readonly<Record<string, string>> = {
  "one.ts": `
    import Fastify, { type FastifyInstance } from "fastify";
    import { FastifyAppEnvironment } from "flyte-webhook";
    import { greeting } from "./lib/greeting.ts";
    import settings from "./settings.json";
    export const env = new FastifyAppEnvironment({
      name: "hello",
      envVars: { WHOM: "world" },
      app: ({ env }): FastifyInstance => {
        const app = Fastify();
        app.get("/", async () => ({ greeting: greeting(env["WHOM"]), settings, url: import.meta.url }));
        app.get("/slow", () => new Promise(() => {}));
        return app;
      },
    });
    export const same = env;
    export const unrelated = 5;`,
  "lib/greeting.ts": `
    #!/not/a/shell
    import { fileURLToPath } from "node:url";
    export const greeting = (whom: string | undefined) => \`hello \${whom} from \${fileURLToPath(import.meta.url)}\`;`
    .trim()
    .replace(/^ +/gm, ""),
  "settings.json": '{"loud": true}',
  "several.js": `
    import { AppEnvironment, FlyteWebhookAppEnvironment } from "flyte-webhook";
    const code = 'require("node:http").createServer((_, answer) => answer.end(JSON.stringify(process.env))).listen(process.env.PORT); console.log(process.pid)';
    export const first = new AppEnvironment({ name: "child", command: [process.execPath, "-e", code] });
    export const second = new FlyteWebhookAppEnvironment({ name: "hook", dependsOn: [first] });
    export const failing = new AppEnvironment({ name: "failing", command: ["sh", "-c", "echo no luck; exit 3"] });`,
  "none.ts": "export const env = { name: 'hello' };",
  "typo.ts": `
    import { FlyteWebhookAppEnvironment } from "flyte-webhook";
    export const env = new FlyteWebhookAppEnvironment({ name: "hook", taskAllowList: [] });`,
  "syntax.ts": "export const env =\n  new;;",
  "throws.ts": 'throw new Error("no database");\nexport const a = 1;',
  "missing.ts": 'import "not-installed";',
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-serve-file-"));
  command = await bundleCommand(join(folder, "package"));
  await mkdir(join(folder, "package/lib"));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, "package", name), text);
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const file = (name: string) => join(folder, "package", name);
const start = (...args: readonly string[]) => ServerProcess.start(["serve", ...args], { command });

interface ReadyApp {
  readonly app: string;
  readonly endpoint: string;
  readonly url: string;
}

const readyOf = ({ ready }: ServerProcess) => ready as unknown as ReadyApp;

test("the one app of a file is served, with the files beside it", async () => {
  await using server = await start(file("one.ts"), "--port", "0");
  const { app, endpoint, url } = readyOf(server);
  expect({ app, url }).toEqual({ app: "hello", url: endpoint });
  expect(JSON.parse(await textOf(endpoint))).toEqual({
    greeting: `hello world from ${file("lib/greeting.ts")}`,
    settings: { loud: true },
    url: pathToFileURL(file("one.ts")).href,
  });
  expect(await server.stop()).toBe(0);
  expect(await answers(endpoint)).toBe(false);
});

test.each(["first", "child"])("an app of several is meant by %s", async (name) => {
  await using server = await start(file("several.js"), name, "--port", "0");
  expect(readyOf(server).app).toBe("child");
});

test("a command gets the control plane of the options, and ends with the server", async () => {
  const where = ["--endpoint", "http://127.0.0.1:1", "-p", "ml", "-d", "staging", "--org", "acme"];
  await using server = await start(file("several.js"), "child", "--port", "0", ...where);
  expect(JSON.parse(await textOf(readyOf(server).endpoint))).toMatchObject({
    _U_EP_OVERRIDE: "http://127.0.0.1:1",
    _U_ORG_NAME: "acme",
    FLYTE_INTERNAL_EXECUTION_PROJECT: "ml",
    FLYTE_INTERNAL_EXECUTION_DOMAIN: "staging",
  });
  await expect.poll(() => server.stderr).toMatch(/^\d+\n$/);
  const pid = Number(server.stderr);
  expect(isAlive(pid)).toBe(true);
  expect(await server.stop("SIGINT")).toBe(0);
  expect(isAlive(pid)).toBe(false);
});

test("a webhook of a file runs in front of the devbox of this user, without more being said", async () => {
  const state = join(folder, "state");
  await using devbox = await ServerProcess.start(["devbox", "--port", "0", "--state", state], {
    command,
  });
  await using server = await start(file("several.js"), "hook", "--port", "0", "--state", state);
  const { endpoint } = readyOf(server);
  const [[name = "", key = ""] = []] = Object.entries(devbox.ready.keys);
  expect(await createCaller(endpoint).get("/me")).toMatchObject({ status: 401 });
  expect((await createCaller(endpoint, key).get("/me")).body).toMatchObject({ subject: name });
});

describe("what keeps a file from being served is one line that names the remedy", () => {
  test.each<[string, () => readonly string[] | Promise<readonly string[]>, RegExp]>([
    [
      "several apps",
      () => ["several.js"],
      /exports 3 app environments; name one of: failing, child, hook/,
    ],
    [
      "no such app",
      () => ["several.js", "chidl"],
      /no app environment "chidl"\. Did you mean "child"/,
    ],
    ["no app", () => ["none.ts"], /none\.ts exports no app environment/],
    ["a mistyped option", () => ["typo.ts"], /Did you mean "taskAllowlist"/],
    ["broken code", () => ["syntax.ts"], /Cannot read syntax\.ts: syntax\.ts:2: /],
    ["code that throws", () => ["throws.ts"], /Cannot load throws\.ts: no database/],
    ["an absent package", () => ["missing.ts"], /missing\.ts:1: Could not resolve "not-installed"/],
    ["an absent file", () => ["absent.ts"], /Cannot read absent\.ts: there is no such file/],
    [
      "a taken port",
      async () => ["one.ts", "--port", String(await takenPort())],
      /"hello" cannot be served: port \d+ on 127\.0\.0\.1 is in use/,
    ],
    [
      "an allowlist",
      () => ["one.ts", "--task-allowlist", "a"],
      /--task-allowlist cannot be given together with a file/,
    ],
    ["a name", () => ["one.ts", "--name", "a"], /--name cannot be given together with a file/],
    ["a log level", () => ["one.ts", "--log-level", "warn"], /--log-level cannot/],
    [
      "no control plane",
      () => ["several.js", "hook", "--port", "0"],
      /No control plane is configured/,
    ],
    ["a broken configuration", () => ["one.ts", "--config", "no.yaml"], /no\.yaml does not exist/],
  ])("%s", async (_, line, says) => {
    const cwd = join(folder, "package");
    const result = await runCommand(["serve", ...(await line())], { command, cwd });
    expect(result.stderr).toMatch(says);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).not.toMatch(/\n\s+at |defect/);
  });

  test("an app that ends tells what it wrote", async () => {
    const line = ["serve", "several.js", "failing", "--port", "0"];
    const result = await runCommand(line, { command, cwd: join(folder, "package") });
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain(
      'error: The app "failing" ended with exit code 3. It wrote last:\nno luck\n',
    );
  });
});
