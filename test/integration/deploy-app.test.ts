import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCommand } from "../support/bundled-command.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { type CommandResult, runCommand, runProgram } from "../support/run-command.ts";

let folder: string;
let command: readonly string[];
let state: string;
let devbox: ServerProcess;

/** What the files hold. Fastify is found from where they lie. */
const files: Readonly<Record<string, string>> = {
  "both.ts": `
    import { readFileSync } from "node:fs";
    import Fastify, { type FastifyInstance } from "fastify";
    import { FastifyAppEnvironment, FlyteWebhookAppEnvironment, serve } from "flyte-webhook";
    import { defineTask, t } from "flyte-webhook/tasks";
    export const greet = defineTask(
      { name: "deploy.greet", inputs: { name: t.string() }, outputs: { text: t.string() } },
      async ({ name }) => ({ text: \`Hello \${name}\` }),
    );
    export const env = new FastifyAppEnvironment({
      name: "coded",
      requiresAuth: false,
      include: ["words"],
      scaling: { replicas: 1 },
      app: ({ env }): FastifyInstance => {
        const app = Fastify();
        app.get("/", async () => ({ word: env["WORD"], text: readFileSync("words/a.txt", "utf8") }));
        return app;
      },
    });
    export const hook = new FlyteWebhookAppEnvironment({ name: "hook", taskAllowlist: [] });
    await serve([env, hook]);`,
  "words/a.txt": "included",
  "hooked.ts": `
    import { FlyteWebhookAppEnvironment } from "flyte-webhook";
    export const env = new FlyteWebhookAppEnvironment({ name: "hooked", onStartup: () => {} });`,
  "none.ts": "export const a = 1;",
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-deploy-app-"));
  command = await bundleCommand(join(folder, "package"));
  state = join(folder, "state");
  await mkdir(join(folder, "package/words"));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, "package", name), text);
  }
  const line = ["devbox", "--port", "0", "--state", state];
  devbox = await ServerProcess.start(line, { command });
});

afterAll(async () => {
  await devbox?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

function flyte(...args: readonly string[]): Promise<CommandResult> {
  const line = [...args, "--state", state];
  return runCommand(line, { command, cwd: join(folder, "package") });
}

async function json(...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const result = await flyte(...args, "--json");
  expect(result, result.stderr).toMatchObject({ code: 0 });
  return JSON.parse(result.stdout) as readonly Record<string, unknown>[];
}

test("the tasks and apps of a file are deployed, and left alone the second time", async () => {
  const first = await json("deploy", "both.ts", "--wait", "--env", "WORD=said");
  expect(first).toMatchObject([
    { name: "deploy.greet" },
    { app: "coded", change: "created", phase: "active", endpoint: expect.stringMatching(/^http/) },
    { app: "hook", change: "created" },
  ]);
  const again = await json("deploy", "both.ts", "--env", "WORD=said");
  expect(again.map(({ change }) => change)).toEqual([undefined, "unchanged", "unchanged"]);
  const ran = await flyte("run", "deploy.greet", "-i", "name=you", "--wait", "--json");
  expect(ran.stdout).toContain("Hello you");
  const changed = await flyte("deploy", "both.ts", "coded", "--env", "WORD=other", "--wait");
  expect(changed.stdout).toMatch(/^APP +CHANGE +PHASE +ENDPOINT\ncoded +updated +active +http/);
  expect(changed.stderr).toContain('App "coded" was updated.');
});

describe("the sources of an app", () => {
  const git = async (...args: readonly string[]): Promise<void> => {
    const name = ["-c", "user.name=me", "-c", "user.email=me@example.com"];
    const cwd = join(folder, "package/repository");
    const result = await runProgram(["git", ...name, ...args], { cwd });
    expect(result, result.stderr).toMatchObject({ code: 0 });
  };

  test("are linked where they are a commit, without what the remote's address confides", async () => {
    const place = join(folder, "package/repository");
    await mkdir(place);
    await writeFile(
      join(place, "app.ts"),
      `import { AppEnvironment } from "flyte-webhook";
       export const env = new AppEnvironment({ name: "linked", command: "true" });`,
    );
    await git("init", "--quiet");
    await git("remote", "add", "origin", "https://me:SECRET@git.example.com/me/app.git");
    const line = ["deploy", "repository/app.ts", "linked", "--dry-run"];
    const linkOf = async (): Promise<unknown> => (await json(...line))[0]?.["spec"];
    expect(await linkOf()).not.toHaveProperty("sourceLink"); // No commit yet.
    await git("add", ".");
    await git("commit", "--quiet", "--message", "first");
    const spec = await linkOf();
    expect(spec).toMatchObject({
      sourceLink: expect.stringMatching(
        /^https:\/\/git\.example\.com\/me\/app\/tree\/[0-9a-f]{40}$/,
      ),
    });
    expect(JSON.stringify(spec)).not.toContain("SECRET");
    await json(...line.slice(0, -1));
    const shown = await flyte("get", "app", "linked");
    expect(shown.stdout).toMatch(/^source +https:\/\/git\.example\.com\/me\/app\/tree\//m);
    await writeFile(join(place, "changed.txt"), "");
    expect(await linkOf()).not.toHaveProperty("sourceLink");
  });
});

test("the pre-built webhook is deployed by options alone", async () => {
  const dry = await json("deploy", "--name", "ci", "--task-allowlist", "a", "b", "--dry-run");
  expect(dry).toMatchObject([
    {
      app: "ci",
      change: "none",
      spec: {
        container: {
          image: expect.stringMatching(/^flyte-webhook:\d/),
          command: ["flyte-webhook"],
          args: expect.arrayContaining(["serve", "--name=ci", "--task-allowlist=b"]),
        },
      },
    },
  ]);
  expect(await flyte("get", "app", "ci")).toMatchObject({ code: 3 });
  const [deployed] = await json("deploy", "--name", "ci", "--image", "me/hook:1", "--wait");
  expect(deployed).toMatchObject({ app: "ci", change: "created", phase: "active" });
});

test("code that is in the image stays there", async () => {
  const line = ["both.ts", "coded", "--image", "me/app:1", "--in-image", "/app/both.ts"];
  const [app] = await json("deploy", ...line, "--dry-run");
  expect(app).toMatchObject({
    spec: {
      container: {
        image: "me/app:1",
        command: ["flyte-webhook"],
        args: ["serve", "/app/both.ts", "coded", "--alone"],
        env: { FLYTE_APP_HOST: "0.0.0.0" },
      },
    },
  });
  expect(app?.["spec"]).not.toHaveProperty("codeBundleUri");
});

describe("what cannot be deployed is one line that names the remedy", () => {
  test.each<[string, readonly string[], RegExp]>([
    ["another name", ["both.ts", "code"], /no app environment "code"\. Did you mean "coded"/],
    ["nothing", ["none.ts"], /none\.ts exports no task and no app environment/],
    ["a hook", ["hooked.ts"], /onStartup of the webhook "hooked" cannot be said by arguments/],
    ["an option", ["both.ts", "--docs", "off"], /--docs cannot be given together with a file/],
    ["no file", ["--in-image", "/app/x.ts"], /--in-image names a file in the image/],
  ])("%s", async (_, line, says) => {
    const result = await flyte("deploy", ...line);
    expect(result.stderr).toMatch(says);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).not.toMatch(/\n\s+at |defect/);
  });
});
