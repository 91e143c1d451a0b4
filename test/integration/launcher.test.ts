import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { packCode } from "../../src/app/bundle/pack-code.ts";
import { appFolder } from "../support/app-folder.ts";
import { RunningCommand, runCommand } from "../support/run-command.ts";
import { unusedPort } from "../support/unused-port.ts";

const command = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  resolve(import.meta.dirname, "../../src/app/runtime/main.ts"),
];

const files: Readonly<Record<string, string>> = {
  "app.ts": `
    import { readFile } from "node:fs/promises";
    import Fastify, { type FastifyInstance } from "fastify";
    import { FastifyAppEnvironment, serve } from "flyte-webhook";
    import { text, place } from "./lib/text.ts";
    const env = new FastifyAppEnvironment({
      name: "hello",
      include: ["data/words.txt"],
      app: ({ env, name }): FastifyInstance => {
        const app = Fastify();
        app.get("/", async () => ({
          name,
          word: env["WORD"],
          text,
          place,
          beside: await readFile(new URL("data/words.txt", import.meta.url), "utf8"),
          below: await readFile("data/words.txt", "utf8"),
        }));
        app.get("/slow", (_, reply) => {
          process.stderr.write("slow is asked\\n");
          setTimeout(() => reply.send("at last"), 300);
        });
        return app;
      },
    });
    const self = await serve(env);
    process.stderr.write(\`served as \${self.name} at \${self.endpoint}\\n\`);
    export const other = env.cloneWith("other");`,
  "lib/text.ts": `
    export const text: string = "from a file of its own";
    export const place = import.meta.url.split("/").slice(-2).join("/");`,
  "data/words.txt": "included",
  "throws.ts": "throw new TypeError('no database');",
};

/** The URI of a bundle of one of the files. */
async function bundle(file: string, include: readonly string[] = []): Promise<string> {
  const folder = await appFolder(files);
  const { bytes } = await packCode(join(folder, file), include);
  await writeFile(join(folder, "bundle.tgz"), bytes);
  return pathToFileURL(join(folder, "bundle.tgz")).href;
}

/** An empty folder to start in. */
async function workFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-launcher-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

test("an app runs from its bundle, with what it includes, until it is stopped", async () => {
  const [cwd, port, uri] = await Promise.all([
    workFolder(),
    unusedPort(),
    bundle("app.ts", ["data/words.txt"]),
  ]);
  const env = { PORT: String(port), FLYTE_APP_HOST: "127.0.0.1", WORD: "hi" };
  await using app = new RunningCommand(["--tgz", uri, "hello"], { command, cwd, env });
  await app.saw(/listens on 127\.0\.0\.1/);
  expect(app.written).toContain(`served as hello at http://127.0.0.1:${port}`);
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect(await answer.json()).toEqual({
    name: "hello",
    word: "hi",
    text: "from a file of its own",
    place: "lib/text.ts",
    beside: "included",
    below: "included",
  });
  const slow = fetch(`http://127.0.0.1:${port}/slow`);
  await app.saw(/slow is asked/);
  app.kill("SIGTERM");
  expect(await (await slow).text()).toBe("at last");
  expect(await app.wait()).toBe(0);
  expect(await readdir(cwd)).toEqual([]);
});

describe("what cannot be started ends with one line that names the remedy", () => {
  test.each<[string, () => Promise<readonly string[]>, number, RegExp]>([
    ["no bundle", async () => ["hello"], 2, /--tgz is missing/],
    ["no name", async () => ["--tgz", "file:///x"], 2, /name of the app is missing/],
    [
      "a bundle that is gone",
      async () => ["--tgz", "file:///nowhere/x.tgz", "hello"],
      1,
      /cannot be read: ENOENT\. Deploy the app again\.$/,
    ],
    [
      "an object store",
      async () => ["--tgz", "s3://bucket/secret/x.tgz", "hello"],
      1,
      /code of the app is at s3:\/\/bucket, .* Put the code into an image/,
    ],
    [
      "another name",
      async () => ["--tgz", await bundle("app.ts", ["data/words.txt"]), "helo"],
      2,
      /no app environment "helo"\. Did you mean "hello"\? There are: hello, other\.$/,
    ],
    [
      "code that throws",
      async () => ["--tgz", await bundle("throws.ts"), "hello"],
      1,
      /TypeError: no database[\s\S]*code of the app "hello" failed: no database$/,
    ],
  ])("%s", async (_, line, code, says) => {
    const cwd = await workFolder();
    const result = await runCommand(await line(), { command, cwd });
    expect(result.stderr.trimEnd()).toMatch(says);
    expect(result).toMatchObject({ code, stdout: "" });
    expect(await readdir(cwd)).toEqual([]);
  });
});
