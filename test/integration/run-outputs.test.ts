import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { FastifyAppEnvironment } from "../../src/app/environment/fastify-app-environment.ts";
import { materializeParameters } from "../../src/app/parameters/materialize-parameters.ts";
import { Parameter } from "../../src/app/parameters/parameter.ts";
import { RunOutput, type RunOutputOptions } from "../../src/app/parameters/run-output.ts";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { closeControlPlane, replaceControlPlane } from "../../src/client/init-current.ts";
import type { JsonObject } from "../../src/shared/json.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { rejection, served, textOf } from "../support/served.ts";

let server: ServerProcess;
let controlPlane: ControlPlane;
let folder: string;
/** Names of runs: two of the echo, one after the other, one that fails, and one of numbers. */
let first: string;
let second: string;
let failing: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-outputs-"));
  await writeFile(join(folder, "weights.bin"), "weights");
  server = await ServerProcess.start([
    "dev",
    ...["--state", "memory", "--port", "0", "--devbox-port", "0"],
  ]);
  const { controlPlane: endpoint, keys } = server.ready;
  controlPlane = createControlPlane({
    endpoint,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(keys["alice"] ?? ""),
  });
  first = await run("stats.describe", { values: [1, 2] });
  second = await run("stats.describe", { values: [3, 4] });
  failing = await run("failing.always", {});
  await run("types.echo", everything());
});

afterAll(async () => {
  await controlPlane?.close();
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

async function run(name: string, inputs: JsonObject): Promise<string> {
  const started = await controlPlane.runs.start({ name }, inputs);
  const { phase } = await controlPlane.runs.wait(started);
  expect(phase).toBe(name === "failing.always" ? "failed" : "succeeded");
  return started.name;
}

const everything = () => ({
  whole: 1,
  big: 2,
  number: 0.5,
  text: "hello",
  flag: true,
  moment: "2026-01-02T03:04:05Z",
  pause: "PT1M",
  anything: { nested: [{ path: "deep" }] },
  place: { x: 1, y: 2, label: "here" },
  list: [1, 2],
  table: { a: [1.5] },
  color: "red",
  maybe: null,
  either: "x",
  file: pathToFileURL(join(folder, "weights.bin")).href,
  folder: pathToFileURL(folder).href,
  dataset: "s3://bucket/d",
});

/** What a parameter of that output becomes. */
async function outputOf(options: RunOutputOptions): Promise<unknown> {
  const parameter = new Parameter({ name: "p", value: new RunOutput(options) });
  const [found] = await materializeParameters([parameter], { app: "app", controlPlane });
  return found?.value;
}

const mean = { type: "string", getter: [1] } as const;

describe("the output of a run", () => {
  test("is that of the run which is named", async () => {
    expect(await outputOf({ run: first, ...mean })).not.toBe(
      await outputOf({ run: second, ...mean }),
    );
  });

  test("is that of the newest run of a task which has succeeded", async () => {
    const newest = await outputOf({ run: second, ...mean });
    expect(await outputOf({ task: "stats.describe", ...mean })).toBe(newest);
    expect(await outputOf({ task: "stats.describe", autoVersion: "latest", ...mean })).toBe(newest);
    const { version } = await controlPlane.tasks.get({ name: "stats.describe" });
    expect(await outputOf({ task: "stats.describe", version, ...mean })).toBe(newest);
  });

  test.each<[number, RunOutputOptions["type"], readonly (string | number)[], unknown]>([
    [3, "string", [], "hello"],
    [0, "string", [], "1"],
    [4, "string", [], "true"],
    [7, "string", ["nested", 0, "path"], "deep"],
    [9, "string", [1], "2"],
    [14, "file", [], { file: expect.stringMatching(/^file:.*weights\.bin$/) }],
    [15, "directory", [], { directory: expect.stringMatching(/^file:/) }],
    [14, "string", ["name"], "weights.bin"],
  ])("output %i as %s, at %j, is %j", async (place, type, steps, expected) => {
    const getter = [place, ...steps];
    expect(await outputOf({ task: "types.echo", type, getter })).toEqual(expected);
  });

  test.each<[string, () => RunOutputOptions, string, RegExp]>([
    ["no run", () => ({ run: "r-none", type: "file" }), "not_found", /r-none/],
    ["a failed one", () => ({ run: failing, type: "file" }), "precondition_failed", /is failed/],
    [
      "a task without a success",
      () => ({ task: "failing.always", type: "file" }),
      "not_found",
      /no run of task failing\.always has succeeded/,
    ],
    [
      "a version without one",
      () => ({ task: "stats.describe", version: "v0", type: "file" }),
      "not_found",
      /no run of task stats\.describe in version v0/,
    ],
    ["no task", () => ({ task: "none", autoVersion: "latest", type: "file" }), "not_found", /none/],
    [
      "another type",
      () => ({ task: "types.echo", getter: [9], type: "string" }),
      "precondition_failed",
      /has no string at \[9\] of its outputs/,
    ],
    [
      "no such output",
      () => ({ task: "types.echo", getter: [99, "a"], type: "file" }),
      "precondition_failed",
      /has no file at \[99\]\["a"\]/,
    ],
    [
      "what every object has",
      () => ({ task: "types.echo", getter: [8, "constructor"], type: "string" }),
      "precondition_failed",
      /has no string/,
    ],
  ])("of %s is an error that names the parameter", async (_, options, code, says) => {
    expect(await rejection(outputOf(options()))).toMatchObject({
      code,
      message: expect.stringMatching(says),
    });
    expect(String(await rejection(outputOf(options())))).toContain(
      'Parameter "p" of the app "app"',
    );
  });
});

test("an app that is served gets the newest output, and its file", async () => {
  replaceControlPlane(controlPlane);
  onTestFinished(closeControlPlane);
  const env = new FastifyAppEnvironment({
    name: "model-server",
    app: ({ parameters }) => {
      const app = Fastify();
      app.get("/", async () => parameters);
      return app;
    },
    parameters: [
      {
        name: "model",
        value: new RunOutput({ task: "types.echo", type: "file", getter: [14] }),
        mount: join(folder, "mount"),
      },
      { name: "mean", value: new RunOutput({ task: "stats.describe", ...mean }) },
    ],
  });
  const app = await served(env);
  expect(JSON.parse(await textOf(app.endpoint))).toEqual({
    model: join(folder, "mount/weights.bin"),
    mean: await outputOf({ run: second, ...mean }),
  });
});
