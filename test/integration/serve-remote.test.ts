import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { deploy } from "../../src/app/deploy/deploy.ts";
import { AppEnvironment } from "../../src/app/environment/app-environment.ts";
import { FastifyAppEnvironment } from "../../src/app/environment/fastify-app-environment.ts";
import { AppEndpoint } from "../../src/app/parameters/app-endpoint.ts";
import { serve } from "../../src/app/serve/serve.ts";
import { init, initPassthrough } from "../../src/client/init.ts";
import { closeControlPlane, currentControlPlane } from "../../src/client/init-current.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { FlyteWebhookAppEnvironment } from "../../src/webhook/flyte-webhook-app-environment.ts";
import { appFolder } from "../support/app-folder.ts";
import { appLaunchers } from "../support/app-launchers.ts";
import { named, rejection } from "../support/served.ts";

let devbox: Devbox;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0, launchers: appLaunchers() });
  await init({
    endpoint: devbox.url,
    apiKey: devbox.keys["alice"],
    project: "flytesnacks",
    domain: "development",
    configFile: false,
  });
});

afterAll(async () => {
  await closeControlPlane();
  await devbox?.close();
});

/** A request to an app by its public address, which this machine's resolver may not know. */
async function ask(
  endpoint: string,
  path: string,
  { key, method = "GET" }: { readonly key?: string | undefined; readonly method?: string } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const { host, port } = new URL(endpoint);
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const sent = request({
      host: "127.0.0.1",
      port,
      path,
      method,
      headers: { host, ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    });
    sent.on("error", reject);
    sent.on("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.end();
  });
}

const quiet = { onProgress: () => undefined };

test("the webhook is served remotely and acts on another app as its caller", async () => {
  const lines: string[] = [];
  const webhook = new FlyteWebhookAppEnvironment({
    name: "restricted-webhook",
    endpointGroups: ["core", "app"],
    appAllowlist: ["other", "restricted-webhook"],
  });
  const other = new AppEnvironment({
    name: "other",
    command: [
      process.execPath,
      "-e",
      'require("node:http").createServer((q, a) => a.end(JSON.stringify({ url: q.url, word: process.env.WORD, arg: process.argv[1] }))).listen(process.env.PORT, "127.0.0.1")',
    ],
    args: ["$WORD$$"],
    envVars: { WORD: "a$(PORT)b" },
  });
  const app = await serve(webhook, { onProgress: (line) => lines.push(line) });
  await using target = await serve(other, quiet);
  const key = devbox.keys["alice"];
  expect(app.name).toBe("restricted-webhook");
  expect(app.endpoint).toMatch(
    /^http:\/\/restricted-webhook-flytesnacks-development\.localhost:\d+$/,
  );
  expect(app.url).toContain(devbox.url);
  expect(lines.at(-1)).toBe('App "restricted-webhook" was created.');
  expect(await app.isActive()).toBe(true);

  const { endpoint } = app;
  expect(await ask(endpoint, "/health", { key })).toMatchObject({ status: 200 });
  expect(await ask(endpoint, "/docs", { key })).toMatchObject({ status: 200 });
  expect(await ask(endpoint, "/me")).toMatchObject({ status: 401 });
  const me = await ask(endpoint, "/me", { key });
  expect(JSON.parse(me.text)).toMatchObject({ subject: "alice" });
  // The webhook logs each request that it sees, and saw one of the two.
  const { apps } = currentControlPlane();
  const seen: string[] = [];
  for await (const { message } of apps.logs({ name: app.name })) {
    if (message.includes('"/me"')) seen.push(message);
    if (seen.some((line) => line.includes('"status":200'))) break;
  }
  expect(seen).toHaveLength(1);

  expect(JSON.parse((await ask(endpoint, "/app/other", { key })).text)).toMatchObject({
    name: "other",
  });
  const off = await ask(endpoint, "/app/other/deactivate?wait=true", { key, method: "POST" });
  expect(off).toMatchObject({ status: 200 });
  expect(await target.isDeactivated()).toBe(true);
  expect(await target.isActive()).toBe(false);
  const on = await ask(endpoint, "/app/other/activate?wait=true", { key, method: "POST" });
  expect(on).toMatchObject({ status: 200 });
  expect(await target.isActive()).toBe(true);
  const call = await ask(endpoint, "/app/other/call?path=/hello&method=GET", {
    key,
    method: "POST",
  });
  expect(call).toMatchObject({ status: 200 });
  expect(call.text).toContain("a$(PORT)b$");
  const itself = await ask(endpoint, "/app/restricted-webhook/deactivate", { key, method: "POST" });
  expect(itself).toMatchObject({ status: 400 });

  lines.length = 0;
  await serve(webhook, { onProgress: (line) => lines.push(line) });
  expect(lines.at(-1)).toBe('App "restricted-webhook" is unchanged: its description is the same.');
  await app.deactivate();
  expect(await app.isDeactivated()).toBe(true);
});

test("a Fastify app travels with its code, after the app that it depends on", async () => {
  const folder = await appFolder({
    "app.ts": `
      import Fastify, { type FastifyInstance } from "fastify";
      import { FastifyAppEnvironment, serve } from "flyte-webhook";
      export const env = new FastifyAppEnvironment({
        name: "coded",
        app: ({ env, parameters }): FastifyInstance => {
          const app = Fastify();
          app.get("/", async () => ({ word: env["WORD"], parameters }));
          return app;
        },
      });
      await serve(env);`,
  });
  const first = new AppEnvironment({
    name: "first",
    command: [
      process.execPath,
      "-e",
      'require("node:http").createServer((_, a) => a.end("1")).listen(process.env.PORT, "127.0.0.1")',
    ],
  });
  const env = new FastifyAppEnvironment({
    name: "coded",
    app: () => named("not here"),
    dependsOn: [first],
    requiresAuth: false,
    parameters: [{ name: "size", value: "small" }],
  });
  const lines: string[] = [];
  const options = {
    file: join(folder, "app.ts"),
    envVars: { WORD: "said" },
    parameterValues: { coded: { size: "large" } },
    onProgress: (line: string) => lines.push(line),
  };
  const app = await serve(env, options);
  expect(lines.filter((line) => line.includes("was created"))).toEqual([
    'App "first" was created.',
    'App "coded" was created.',
  ]);
  expect(JSON.parse((await ask(app.endpoint, "/")).text)).toEqual({
    word: "said",
    parameters: { size: "large" },
  });
  lines.length = 0;
  await serve(env, options);
  expect(lines.filter((line) => line.includes("unchanged"))).toHaveLength(2);
  await app[Symbol.asyncDispose]();
  expect(await app.isDeactivated()).toBe(true);
});

test("a command gets the files that it includes, and what its parameters are", async () => {
  const folder = await appFolder({
    "app.ts": "export {};",
    "words/a.txt": "included",
    "serve.cjs": `
      const text = require("node:fs").readFileSync("words/a.txt", "utf8");
      const answer = JSON.stringify({ text, args: process.argv.slice(2), mode: process.env._RUN_MODE });
      require("node:http").createServer((_, a) => a.end(answer)).listen(process.env.PORT, "127.0.0.1");`,
  });
  const env = new AppEnvironment({
    name: "filed",
    command: [process.execPath, "serve.cjs"],
    args: ["$SIZE", "$(SIZE)", "$LOG_LEVEL", "$_RUN_MODE", "a$$b"],
    include: ["serve.cjs", "words"],
    parameters: [{ name: "size", value: "small", envVar: "SIZE" }],
    envVars: { LOG_LEVEL: "debug" },
    requiresAuth: false,
  });
  await using app = await serve(env, { ...quiet, file: join(folder, "app.ts") });
  expect(JSON.parse((await ask(app.endpoint, "/")).text)).toEqual({
    text: "included",
    args: ["small", "$(SIZE)", "debug", "remote", "a$b"],
    mode: "remote",
  });
  const [dry] = await deploy(env.cloneWith("dry-filed", { args: ["$SIZ"] }), {
    dryRun: true,
    file: join(folder, "app.ts"),
  }).catch((error: unknown) => [String(error)]);
  expect(dry).toContain("args names the variable $SIZ, which the app does not have.");
});

test("an app whose image has its code gets the values that are given when it is served", async () => {
  const file = `
    import { createServer } from "node:http";
    import { AppEnvironment, AppEndpoint } from "flyte-webhook";
    export const env = new AppEnvironment({
      name: "imaged",
      server: ({ host, port, parameters, env }) =>
        createServer((_, a) => a.end(JSON.stringify({ parameters, mode: env["_RUN_MODE"] }))).listen(port, host),
      parameters: [{ name: "size", value: "small" }, { name: "kept", value: "as it is" }, { name: "llm" }],
    });`;
  const folder = await appFolder({ "app.ts": file });
  const env = new AppEnvironment({
    name: "imaged",
    server: () => undefined,
    parameters: [
      { name: "size", value: "small" },
      { name: "kept", value: "as it is" },
      { name: "llm" },
    ],
    requiresAuth: false,
  });
  const llm = new AppEndpoint({ appName: "imaged" });
  await using app = await serve(env, {
    ...quiet,
    image: "me/app:1",
    inImage: join(folder, "app.ts"),
    parameterValues: { imaged: { size: "large", llm } },
  });
  const answer = JSON.parse((await ask(app.endpoint, "/")).text);
  expect(answer).toEqual({
    parameters: { size: "large", kept: "as it is", llm: expect.stringMatching(/^http.*imaged/) },
    mode: "remote",
  });
  const [dry] = await deploy(env.cloneWith("dry", { parameters: [] }), {
    dryRun: true,
    image: "me/app:1",
    inImage: "/app/app.ts",
  });
  expect(dry?.spec.container.args).toEqual(["serve", "/app/app.ts", "dry", "--alone"]);
});

test("an app that fails tells why, with what it wrote", async () => {
  const env = new AppEnvironment({
    name: "failing",
    command: ["sh", "-c", "echo no luck today; exit 3"],
    scaling: { replicas: 1 },
  });
  const error = await rejection(serve(env, quiet));
  expect(error).toMatchObject({ code: "app_failed" });
  expect(String(error)).toMatch(/failing[\s\S]*no luck today/);
});

test("a dry run tells what would be sent, and sends nothing", async () => {
  const env = new FlyteWebhookAppEnvironment({ name: "dry", taskAllowlist: [], title: "$(HOME)" });
  const [app] = await deploy(env, { dryRun: true, image: "example.com/webhook:1", version: "v1" });
  expect(app).toMatchObject({
    change: "none",
    status: undefined,
    spec: {
      name: "dry",
      labels: { version: "v1" },
      container: {
        image: "example.com/webhook:1",
        command: ["flyte-webhook"],
        args: ["serve", "--name=dry", "--title=$$(HOME)", "--task-allowlist="],
        env: { FLYTE_APP_HOST: "0.0.0.0" },
      },
    },
  });
});

test("apps are served here in a process that has no credential of its own", async () => {
  onTestFinished(async () => {
    await init({ endpoint: devbox.url, apiKey: devbox.keys["alice"], configFile: false });
  });
  await initPassthrough({
    endpoint: devbox.url,
    project: "flytesnacks",
    domain: "development",
    configFile: false,
  });
  const env = new FastifyAppEnvironment({ name: "here", app: () => named("here") });
  await using app = await serve(env, { port: 0 });
  expect(app.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/);
});
