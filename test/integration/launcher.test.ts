import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { packCode, packFiles } from "../../src/app/bundle/pack-code.ts";
import { encodeParameters } from "../../src/app/parameters/parameter-transport.ts";
import { appFolder } from "../support/app-folder.ts";
import { RunningCommand, runCommand, runProgram } from "../support/run-command.ts";
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

describe("a command", () => {
  /** Writes what it was given, then waits for a signal and ends with a code of its own. */
  const script = `
    const { PORT, SIZE } = process.env;
    const words = require("node:fs").readFileSync("data/words.txt", "utf8");
    process.on("SIGTERM", () => { console.log("told to stop"); process.exit(7); });
    console.log(JSON.stringify({ PORT, SIZE, words, args: process.argv.slice(1) }));
    setInterval(() => {}, 1000);`;

  async function line(...words: readonly string[]): Promise<readonly string[]> {
    const folder = await appFolder(files);
    const { bytes } = await packFiles(join(folder, "app.ts"), ["data"]);
    await writeFile(join(folder, "files.tgz"), bytes);
    const uri = pathToFileURL(join(folder, "files.tgz")).href;
    const size = { name: "size", value: "large", envVar: "SIZE", download: true };
    const parameters = encodeParameters([{ ...size, mount: undefined, ignorePatterns: [] }]);
    return ["--tgz", uri, "--parameters", parameters, "--exec", "hello", "--", ...words];
  }

  test("runs beside what is included, is passed the signal, and its end is the app's", async () => {
    const cwd = await workFolder();
    const env = { PORT: "4321", WORD: "hi" };
    const words = [process.execPath, "-e", script, "a b", "$WORD-$SIZE", "$$WORD", "--", "-x"];
    await using app = new RunningCommand(await line(...words), { command, cwd, env });
    await app.saw(/\n/);
    expect(JSON.parse(app.written)).toEqual({
      PORT: "4321",
      SIZE: "large",
      words: "included",
      args: ["a b", "hi-large", "$WORD", "--", "-x"],
    });
    app.kill("SIGTERM");
    expect(await app.wait()).toBe(7);
    expect(app.written).toContain("told to stop");
    expect(await readdir(cwd)).toEqual([]);
  });

  test("that a signal ends, ends as a shell tells it", async () => {
    const cwd = await workFolder();
    const words = [process.execPath, "-e", 'process.kill(process.pid, "SIGKILL")'];
    expect(await runCommand(await line(...words), { command, cwd })).toMatchObject({ code: 137 });
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      "is not there",
      ["no-such-program"],
      /"no-such-program" of the app "hello" cannot be started: there is no such program\. Its image has to have it\.$/,
    ],
    ["names a variable that is not there", ["true", "$NO_SUCH"], /names the variable \$NO_SUCH/],
    ["is missing", [], /the command after -- is missing/],
  ])("that %s is one line that says so", async (_, words, says) => {
    const cwd = await workFolder();
    const result = await runCommand(await line(...words), { command, cwd });
    expect(result.stderr.trimEnd()).toMatch(says);
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(await readdir(cwd)).toEqual([]);
  });
});

describe("a bundle behind https", () => {
  /** A store with a throwaway certificate. */
  async function startStore(
    listener: RequestListener,
  ): Promise<{ readonly url: string; readonly certificate: string }> {
    const folder = await workFolder();
    const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const made = await runProgram(
      [
        ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        ...["-nodes", "-days", "1", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate],
        ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ],
      { cwd: folder },
    );
    expect(made, made.stderr).toMatchObject({ code: 0 });
    const [keyText, cert] = await Promise.all([readFile(key), readFile(certificate)]);
    const server = createServer({ key: keyText, cert }, listener).listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { url: `https://127.0.0.1:${port}/app.tgz?signature=SECRET`, certificate };
  }

  test("is downloaded from where its certificate is trusted", async () => {
    const [uri, cwd, port] = await Promise.all([
      bundle("app.ts", ["data/words.txt"]),
      workFolder(),
      unusedPort(),
    ]);
    const bytes = await readFile(new URL(uri));
    const asked: (string | undefined)[] = [];
    const store = await startStore(({ url }, response) => {
      asked.push(url);
      response.end(bytes);
    });
    const env = {
      PORT: String(port),
      FLYTE_APP_HOST: "127.0.0.1",
      NODE_EXTRA_CA_CERTS: store.certificate,
    };
    await using app = new RunningCommand(["--tgz", store.url, "hello"], { command, cwd, env });
    await app.saw(/listens on 127\.0\.0\.1/);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toMatchObject({
      name: "hello",
    });
    expect(asked).toEqual(["/app.tgz?signature=SECRET"]);
  });

  test.each<[string, RequestListener, boolean, RegExp]>([
    [
      "that is not trusted",
      (_, response) => response.end(),
      false,
      /127\.0\.0\.1:\d+ did not answer\. Deploy/,
    ],
    [
      "that is gone",
      (_, response) => response.writeHead(403).end("SECRET"),
      true,
      /answered with status 403\. Deploy/,
    ],
    [
      "that lies elsewhere",
      (_, response) => response.writeHead(302, { location: "https://example.com/" }).end(),
      true,
      /127\.0\.0\.1:\d+ did not answer\. Deploy/,
    ],
    [
      "that is something else",
      (_, response) => response.end("<html>"),
      true,
      /it is no gzip archive/,
    ],
  ])("%s is not used, and its address is not told", async (_, listener, isTrusted, says) => {
    const [cwd, store] = await Promise.all([workFolder(), startStore(listener)]);
    const env = isTrusted ? { NODE_EXTRA_CA_CERTS: store.certificate } : {};
    const result = await runCommand(["--tgz", store.url, "hello"], { command, cwd, env });
    expect(result.stderr).toMatch(says);
    expect(result.stderr).not.toContain("SECRET");
    expect(result).toMatchObject({ code: 1, stdout: "" });
  });

  test("is not fetched without TLS, not even from this machine", async () => {
    const cwd = await workFolder();
    const line = ["--tgz", "http://127.0.0.1:1/app.tgz", "hello"];
    const result = await runCommand(line, { command, cwd });
    expect(result.stderr).toContain("which cannot be read from here: only file:// and signed");
  });
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
