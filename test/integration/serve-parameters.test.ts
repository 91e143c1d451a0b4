import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  AppEnvironment,
  type AppEnvironmentOptions,
} from "../../src/app/environment/app-environment.ts";
import { FastifyAppEnvironment } from "../../src/app/environment/fastify-app-environment.ts";
import { AppEndpoint } from "../../src/app/parameters/app-endpoint.ts";
import { getParameter } from "../../src/app/parameters/get-parameter.ts";
import type { ParameterOptions } from "../../src/app/parameters/parameter.ts";
import { endpointOf } from "../../src/app/serve/endpoint-of.ts";
import { serve } from "../../src/app/serve/serve.ts";
import { plainApp, rejection, served, textOf } from "../support/served.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "serve-parameters-"));
  await mkdir(join(folder, "model/cache"), { recursive: true });
  await writeFile(join(folder, "model/weights.bin"), "weights");
  await writeFile(join(folder, "model/notes.tmp"), "notes");
  await writeFile(join(folder, "model/cache/old"), "old");
});

afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

/** A program that answers with its variables, and with what is in `flyte-parameters.json`. */
const tellAll = `
  const { readFileSync } = require("node:fs");
  const file = process.env["flyte-parameters.json"];
  const parameters = file && JSON.parse(readFileSync(file, "utf8"));
  const told = JSON.stringify({ env: process.env, argv: process.argv.slice(1), parameters });
  require("node:http").createServer((_, response) => response.end(told)).listen(process.env.PORT, "127.0.0.1");`;

interface Told {
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly parameters?: Readonly<Record<string, string>>;
}

const child = (options: Partial<AppEnvironmentOptions>) =>
  new AppEnvironment({
    name: "child",
    command: [process.execPath, "-e", tellAll, "--"],
    ...options,
  });

const toldBy = async (url: string): Promise<Told> => JSON.parse(await textOf(url));

/** An app in this process that answers with its parameters, as `getParameter` gives them. */
function inProcess(parameters: readonly ParameterOptions[], name = "app") {
  const app = () => {
    const fastify = Fastify();
    fastify.get("/health", async () => "up");
    fastify.get("/:name", async (request) =>
      getParameter((request.params as { readonly name: string }).name),
    );
    return fastify;
  };
  return new FastifyAppEnvironment({ name, app, parameters });
}

describe("parameters", () => {
  test("reach an app of a command by variable and file, and go with it", async () => {
    const env = child({
      parameters: [
        { name: "size", value: "small", envVar: "SIZE" },
        { name: "model", value: { directory: join(folder, "model") }, envVar: "MODEL" },
      ],
    });
    const app = await served(env);
    const told = await toldBy(app.endpoint);
    expect(told.env).toMatchObject({ SIZE: "small", MODEL: join(folder, "model") });
    expect(told.parameters).toEqual({ size: "small", model: join(folder, "model") });
    const file = told.env["flyte-parameters.json"] ?? "";
    expect(existsSync(file)).toBe(true);
    await app.deactivate();
    expect(existsSync(file)).toBe(false);
  });

  test("reach the code of an app in this process, each app its own", async () => {
    const one = await served(inProcess([{ name: "size", value: "small" }], "one"));
    const two = await served(inProcess([{ name: "size", value: "large" }], "two"));
    expect(await textOf(`${one.endpoint}/size`)).toBe("small");
    expect(await textOf(`${two.endpoint}/size`)).toBe("large");
    expect(JSON.parse(await textOf(`${one.endpoint}/siez`)).message).toMatch(
      /no parameter "siez"\. Did you mean "size"\? There are: size\./,
    );
    expect(process.env).not.toHaveProperty("flyte-parameters.json");
  });

  test("are there for the code of a launched app by the file that a variable names", async () => {
    expect(() => getParameter("size")).toThrow(/There are no parameters here/);
    const file = join(folder, "flyte-parameters.json");
    await writeFile(file, '{"size":"tiny"}');
    vi.stubEnv("flyte-parameters.json", file);
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(getParameter("size")).toBe("tiny");
    expect(() => getParameter("toString")).toThrow(/no parameter "toString"/);
  });

  test("of a ready app arrive without a variable, and with one are refused", async () => {
    const make = (envVar?: string) =>
      new FastifyAppEnvironment({
        name: "app",
        app: Fastify(),
        parameters: [{ name: "size", value: "small", ...(envVar !== undefined && { envVar }) }],
      });
    expect(await rejection(serve(make("SIZE"), { port: 0 }))).toMatchObject({
      message: expect.stringMatching(/made already and cannot get SIZE from parameter "size"/),
    });
    await served(make());
  });
});

describe("values at serve time", () => {
  const env = () =>
    child({
      parameters: [
        { name: "size", envVar: "SIZE" },
        { name: "other", value: "kept" },
      ],
    });

  test("win over those of the environment", async () => {
    const app = await served(env(), { parameterValues: { child: { size: "large" } } });
    expect((await toldBy(app.endpoint)).parameters).toEqual({ size: "large", other: "kept" });
  });

  test("have to be there for a parameter without one, before anything is started", async () => {
    const started = vi.fn();
    const base = plainApp("base", { onStartup: started });
    const top = child({ parameters: [{ name: "size" }], dependsOn: [base] });
    expect(await rejection(serve(top, { port: 0 }))).toMatchObject({
      code: "invalid_config",
      message:
        'Parameter "size" of the app "child" has no value. Give it one, or serve with parameterValues: { "child": { "size": … } }.',
    });
    expect(started).not.toHaveBeenCalled();
  });

  test.each<[object, RegExp]>([
    [{ chld: { size: "1" } }, /names the app "chld", which is not served\. Did you mean "child"\?/],
    [{ child: { siez: "1" } }, /"child" has no parameter "siez"\. Did you mean "size"\?/],
    [{ child: "1" }, /parameterValues of "child" must be an object/],
    [[], /parameterValues must be an object/],
    [{ child: { size: 5 } }, /value 5 of parameter "size"/],
  ])("%j are refused", async (parameterValues, says) => {
    const options = { port: 0, parameterValues: parameterValues as never };
    expect(String(await rejection(serve(env(), options)))).toMatch(says);
  });
});

describe("files and directories", () => {
  const mount = () => join(folder, "mounts", String(mounts++));
  let mounts = 0;
  const resolved = async (parameter: ParameterOptions) => {
    const app = await served(inProcess([parameter]));
    return textOf(`${app.endpoint}/${parameter.name}`);
  };

  test("of this machine are used where they are", async () => {
    const file = join(folder, "model/weights.bin");
    expect(await resolved({ name: "f", value: { file } })).toBe(file);
    const uri = pathToFileURL(file).href;
    const app = await served(inProcess([{ name: "f", value: { file: uri } }], "other"));
    expect(await textOf(`${app.endpoint}/f`)).toBe(file);
  });

  test("are put where they are mounted", async () => {
    const [into, as] = [mount(), mount()];
    const file = { file: join(folder, "model/weights.bin") };
    expect(await resolved({ name: "f", value: file, mount: into })).toBe(join(into, "weights.bin"));
    expect(await readFile(join(into, "weights.bin"), "utf8")).toBe("weights");
    const directory = { directory: pathToFileURL(join(folder, "model")).href };
    const ignorePatterns = ["*.tmp", "cache/**"];
    const options = { name: "d", value: directory, mount: as, ignorePatterns };
    const app = await served(inProcess([options], "other"));
    expect(await textOf(`${app.endpoint}/d`)).toBe(as);
    expect((await readdir(as)).sort()).toEqual(["cache", "weights.bin"]);
    expect(await readdir(join(as, "cache"))).toEqual([]);
  });

  test("without some of their files are copies that go with the app", async () => {
    const value = { directory: join(folder, "model") };
    const app = await served(inProcess([{ name: "../d", value, ignorePatterns: ["*.tmp"] }]));
    const copy = await textOf(`${app.endpoint}/${encodeURIComponent("../d")}`);
    expect((await readdir(copy)).sort()).toEqual(["cache", "weights.bin"]);
    await app.deactivate();
    expect(existsSync(copy)).toBe(false);
    expect(existsSync(join(folder, "model/notes.tmp"))).toBe(true);
  });

  test("of a web server are downloaded, and the query stays out of messages", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/data/weights%20v1.bin?sig=s3cret") response.end("from the web");
      else response.writeHead(403).end("no");
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await vi.waitUntil(() => server.listening);
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
    const file = `${base}/weights%20v1.bin?sig=s3cret`;
    const path = await resolved({ name: "f", value: { file } });
    expect(path).toMatch(/weights%20v1\.bin$/);
    const other = { name: "f", value: { file: `${base}/other?sig=s3cret` } };
    const error = await rejection(serve(inProcess([other], "other"), { port: 0 }));
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^Parameter "f" of the app "other": .*\/data\/other answered/),
    });
    expect(String(error)).not.toContain("s3cret");
    server.close();
    server.closeAllConnections();
    expect(await rejection(serve(inProcess([other], "other"), { port: 0 }))).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("cannot be reached"),
    });
  });

  test("that are not downloaded are addresses", async () => {
    const value = { directory: "s3://bucket/model" };
    expect(await resolved({ name: "d", value, download: false })).toBe("s3://bucket/model");
  });

  test.each<[ParameterOptions, RegExp]>([
    [{ name: "f", value: { file: "s3://b/k" } }, /files of s3:\/\/ cannot.*download: false/],
    [{ name: "d", value: { directory: "https://a/b" } }, /directories of https:\/\/ cannot/],
    [{ name: "f", value: { file: "/nowhere/at/all" } }, /there is no file \/nowhere\/at\/all/],
    [{ name: "d", value: { directory: "file:///nowhere" } }, /there is no directory \/nowhere/],
    [{ name: "f", value: { file: "file://host/a" } }, /not the address of a file on this machine/],
  ])("%j fail the start, which leaves nothing", async (parameter, says) => {
    const before = await temporary();
    const env = inProcess([parameter, { name: "other", value: "1" }]);
    const error = await rejection(serve(env, { port: 0 }));
    expect(error).toMatchObject({ code: "invalid_config", message: expect.stringMatching(says) });
    expect(String(error)).toContain(`Parameter "${parameter.name}" of the app "app"`);
    expect(await temporary()).toEqual(before);
  });
});

const temporary = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`flyte-app-${process.pid}-`));

describe("the endpoint of another app", () => {
  const parameter = { name: "llm", value: new AppEndpoint({ appName: "llm" }), envVar: "LLM" };

  test("is where it is served", async () => {
    const llm = await served(plainApp("llm"));
    const app = await served(child({ parameters: [parameter] }));
    expect((await toldBy(app.endpoint)).env["LLM"]).toBe(llm.endpoint);
  });

  test("is that of a dependency, which is started before it", async () => {
    const top = child({ parameters: [parameter], dependsOn: [plainApp("llm")] });
    const app = await served(top);
    expect(await textOf((await toldBy(app.endpoint)).env["LLM"] ?? "")).toBe("llm");
    expect(await endpointOf("llm")).toBe((await toldBy(app.endpoint)).env["LLM"]);
  });

  test("is what the pattern of a cluster says", async () => {
    vi.stubEnv("INTERNAL_APP_ENDPOINT_PATTERN", "http://{app_fqdn}-p-d.ns.svc.cluster.local");
    onTestFinished(() => void vi.unstubAllEnvs());
    const app = await served(child({ parameters: [parameter] }));
    expect((await toldBy(app.endpoint)).env["LLM"]).toBe("http://llm-p-d.ns.svc.cluster.local");
    expect(await endpointOf("other")).toBe("http://other-p-d.ns.svc.cluster.local");
  });

  test("that nobody knows is an error that names it", async () => {
    const error = await rejection(serve(child({ parameters: [parameter] }), { port: 0 }));
    expect(error).toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(/"llm" of the app "child": the app "llm" is neither served/),
    });
    expect(await rejection(endpointOf("llm"))).toMatchObject({ code: "not_initialized" });
  });

  test("is its port on this machine for the code of an app that is served", async () => {
    const other = plainApp("other", { port: 4321 });
    let found = "";
    const env = new FastifyAppEnvironment({
      name: "app",
      app: () => Fastify(),
      onStartup: async () => {
        found = await endpointOf(other);
      },
    });
    await served(env);
    expect(found).toBe("http://127.0.0.1:4321");
  });
});

describe("arguments", () => {
  test("may name variables of the app, its secrets and its parameters", async () => {
    vi.stubEnv("SERVE_TEST_KEY", "s3c $PORT");
    onTestFinished(() => void vi.unstubAllEnvs());
    const args = [
      "--key=$SERVE_TEST_KEY",
      `\${MODE}-\${SIZE}`,
      "$PORT",
      "$$PORT",
      "$(date)",
      "$_RUN_MODE",
    ];
    const app = await served(
      child({
        args,
        envVars: { MODE: "fast" },
        secrets: [{ key: "key", asEnvVar: "SERVE_TEST_KEY" }],
        parameters: [{ name: "size", value: "small", envVar: "SIZE" }],
      }),
    );
    const { port } = new URL(app.endpoint);
    expect((await toldBy(app.endpoint)).argv).toEqual([
      "--key=s3c $PORT",
      "fast-small",
      port,
      "$PORT",
      "$(date)",
      "local",
    ]);
  });

  test("cannot name a variable that the app does not have everywhere", async () => {
    const error = await rejection(serve(child({ args: ["$HOME"] }), { port: 0 }));
    expect(error).toMatchObject({
      code: "invalid_config",
      message: expect.stringMatching(/args names the variable \$HOME, .*envVars.*\$\$HOME/),
    });
  });
});

test("variables and settings of serve reach every app, and win", async () => {
  const app = await served(child({ envVars: { MODE: "slow", KEPT: "1" }, args: "$MODE" }), {
    envVars: { MODE: "fast" },
    logLevel: "debug",
    logFormat: "json",
    rawDataPath: "s3://bucket/raw",
  });
  const { env, argv } = await toldBy(app.endpoint);
  expect(argv).toEqual(["fast"]);
  expect(env).toMatchObject({
    MODE: "fast",
    KEPT: "1",
    LOG_LEVEL: "debug",
    LOG_FORMAT: "json",
    _FLYTE_APP_RAW_DATA_PATH: "s3://bucket/raw",
  });
  const plain = await served(child({}).cloneWith("plain"));
  expect((await toldBy(plain.endpoint)).env).toMatchObject({
    _FLYTE_APP_RAW_DATA_PATH: join(tmpdir(), "flyte", "raw_data"),
  });
});

test.each<[object, RegExp]>([
  [{ envVars: { PORT: "1" } }, /envVars must not set PORT/],
  [{ envVars: [] }, /envVars must be an object/],
  [{ logLevel: "loud" }, /logLevel "loud" must be one of: debug, info, warn, error/],
  [{ logFormat: "xml" }, /logFormat "xml" must be one of: console, json/],
  [{ rawDataPath: "" }, /rawDataPath must be/],
])("the options %j are refused", async (options, says) => {
  expect(String(await rejection(serve(child({}), options as never)))).toMatch(says);
});
