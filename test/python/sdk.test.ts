import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ServerProcess } from "../support/dev-process.ts";
import { createCaller } from "../support/http.ts";
import { pythonBin } from "./environment.ts";

/**
 * Flyte's own Python SDK, unchanged, against the devbox: it deploys Python tasks, runs them and ours,
 * and reads everything back.
 */
const run = promisify(execFile);

let server: ServerProcess;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "flyte-webhook-python-home-"));
  server = await ServerProcess.start(
    ["dev", "--state", "memory", "--port", "0", "--devbox-port", "0", "--allow-anonymous"],
    { env: { PATH: `${pythonBin}${delimiter}${process.env["PATH"]}` } },
  );
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(home, { recursive: true, force: true });
});

test("the Python SDK deploys, runs, waits, aborts and reads", async () => {
  // The SDK names tasks' modules by their path from the working directory.
  await copyFile(join(import.meta.dirname, "hello.py"), join(home, "hello.py"));
  const { stdout } = await run(join(pythonBin, "python"), ["hello.py", server.ready.controlPlane], {
    cwd: home,
    env: { ...process.env, HOME: home },
  });
  const [, result = "{}"] = /^RESULT (.*)$/m.exec(stdout) ?? [];
  expect(JSON.parse(result)).toEqual({
    user: "anonymous",
    good: [42, 21],
    bad: "no good: 1",
    slow: expect.stringMatching(/aborted/i),
    described: 2,
    runs: true,
  });
});

test("what Python deployed is run over HTTP with JSON", async () => {
  const alice = createCaller(server.ready.webhook, server.ready.keys["alice"]);
  const task = await alice.get("/task/development/flytesnacks/py.double");
  expect(task.body).toMatchObject({ required_args: ["x"], default_input_args: ["times"] });
  const { status, body } = await alice.post("/run-task/development/flytesnacks/py.double", {
    x: 4,
    times: 10,
  });
  expect(status).toBe(200);
  await expect.poll(async () => (await alice.get(`/run/${body.name}`)).body.done).toBe(true);
  expect((await alice.get(`/run/${body.name}/io`)).body).toEqual({
    name: body.name,
    inputs: { x: 4, times: 10 },
    outputs: { o0: [40, 4] },
  });
});
