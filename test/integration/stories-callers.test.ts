import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromSource } from "../support/dev-process.ts";
import { LiveReader } from "../support/live-reader.ts";
import { ownEnvironment, runCommand, runProgram } from "../support/run-command.ts";
import { useStoryDevbox } from "../support/story-devbox.ts";
import { storyBlock } from "../support/story-page.ts";

/** Stories 1, 2 and 6 to 9 of docs/stories.md: jobs, dashboards and n8n. */
const page = "https://dash.example.com";
const devbox = useStoryDevbox(["--cors-origin", page, "--wait-limit", "60s"]);
const start = "/run-task/development/flytesnacks";
const commit = "0123456789abcdef0123456789abcdef01234567";

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "flyte-webhook-stories-"));
  const tasks = resolve(import.meta.dirname, "../../examples/tasks/ci.ts");
  const { code, stderr } = await runCommand(
    ["deploy", tasks, "--version", commit, "-p", "flytesnacks", "-d", "development"],
    {
      command: fromSource,
      cwd: home,
      env: { FLYTE_ENDPOINT: devbox.dev.ready.controlPlane, FLYTE_API_KEY: devbox.key("alice") },
    },
  );
  expect({ code, stderr }).toMatchObject({ code: 0 });
});

afterAll(() => rm(home, { recursive: true, force: true }));

async function runsOf(task: string): Promise<readonly string[]> {
  const { body } = await devbox.caller("alice").get(`/runs?task=${task}`);
  return body.runs.map(({ name }: { readonly name: string }) => name);
}

describe("a job of GitHub Actions", () => {
  /** Runs the step of the page as the runner does. */
  async function step(env: Readonly<Record<string, string>>) {
    const summary = join(home, "summary.md");
    await writeFile(summary, "");
    const variables = {
      WEBHOOK: devbox.url,
      FLYTE_API_KEY: devbox.key("bob"),
      GITHUB_SHA: commit,
      GITHUB_STEP_SUMMARY: summary,
      INPUTS: JSON.stringify({ commit }),
      ...env,
    };
    const script = await storyBlock(1);
    const { code, stdout, stderr } = await runProgram(["bash", "-e", "-c", script], {
      cwd: home,
      env: ownEnvironment(home, variables),
    });
    return { code, output: stdout + stderr, summary: await readFile(summary, "utf8") };
  }

  test("starts a run of the commit's version and links it in its summary", async () => {
    const { code, summary } = await step({ GITHUB_RUN_ID: "1" });
    expect(code).toBe(0);
    const [, name = "", url = ""] = /^(\S+): (http\S+)\n$/.exec(summary) ?? [];
    expect(url).toContain(`/runs/${name}`);
    expect(await runsOf("ci.plan_build")).toEqual([name]);
    const { body } = await devbox.caller("alice").get("/runs?task=ci.plan_build");
    expect(body.runs[0]).toMatchObject({ owner: "bob", task: { version: commit } });
  });

  test("fails with the version and the place where nothing is deployed", async () => {
    const missing = "f".repeat(40);
    const { code, output, summary } = await step({ GITHUB_RUN_ID: "2", GITHUB_SHA: missing });
    const text = `Task ci.plan_build with version ${missing} in development/flytesnacks not found`;
    expect([code, summary]).toEqual([1, `${text}\n`]);
    expect(output).toContain(text);
  });

  test("that is tried again gets the run it has started, and none with other inputs", async () => {
    const first = await step({ GITHUB_RUN_ID: "3" });
    const before = await runsOf("ci.plan_build");
    const again = await step({ GITHUB_RUN_ID: "3" });
    expect(again).toEqual(first);
    const other = await step({
      GITHUB_RUN_ID: "3",
      INPUTS: JSON.stringify({ commit, branch: "next" }),
    });
    expect(other.code).toBe(1);
    expect(other.summary).toMatch(/was started with another payload\. Repeat the same one, or /);
    expect(await runsOf("ci.plan_build")).toEqual(before);
  });

  test("may choose the run's name instead, which other inputs cannot have", async () => {
    const bob = devbox.caller("bob");
    const path = `${start}/stats.describe?run_name=train-4711`;
    const answers = [
      await bob.post(path, { values: [1] }),
      await bob.post(path, { values: [1] }),
      await bob.post(path, { values: [2] }),
    ];
    const told = answers.map(({ status, headers, body }) => [
      status,
      headers.get("idempotency-replayed"),
      body.name ?? body.code,
    ]);
    expect(told).toEqual([
      [200, null, "train-4711"],
      [200, "true", "train-4711"],
      [409, null, "conflict"],
    ]);
    expect(await runsOf("stats.describe")).toEqual(["train-4711"]);
  });
});

describe("a dashboard of another origin", () => {
  async function read(path: string, { key = devbox.key("bob"), origin = page } = {}) {
    const headers = { authorization: `Bearer ${key}`, origin };
    const response = await fetch(`${devbox.url}${path}`, { headers });
    return {
      status: response.status,
      readableBy: response.headers.get("access-control-allow-origin"),
      // biome-ignore lint/suspicious/noExplicitAny: tests assert on what they find in an answer
      body: (await response.json()) as any,
    };
  }

  test("polls a run, and tells a token that has ended from a run that is not there", async () => {
    const { body } = await devbox.caller("bob").post(`${start}/stats.describe`, { values: [1, 2] });
    await expect.poll(async () => (await read(`/run/${body.name}`)).body.done).toBe(true);
    expect(await read(`/run/${body.name}`)).toEqual({
      status: 200,
      readableBy: page,
      body: { name: body.name, phase: "succeeded", done: true, url: body.url },
    });
    expect(await read(`/run/${body.name}`, { key: "a token that has ended" })).toMatchObject({
      status: 401,
      readableBy: page,
      body: { code: "unauthenticated" },
    });
    expect(await read("/run/absent")).toMatchObject({
      status: 404,
      readableBy: page,
      body: { code: "not_found", detail: "Run absent not found" },
    });
    const elsewhere = await read(`/run/${body.name}`, { origin: "https://evil.example" });
    expect(elsewhere.readableBy).toBeNull();
  });

  test("waits, follows events, and leaves without touching the run", async () => {
    const bob = devbox.caller("bob");
    const { body } = await bob.post(`${start}/slow.count`, { to: 600 });
    const waited = await bob.get(`/run/${body.name}?wait=1`);
    expect([waited.status, waited.body.done, waited.body.wait]).toEqual([202, false, 1]);
    {
      const events = `${devbox.url}/run/${body.name}/events`;
      await using reader = await LiveReader.open(events, { key: devbox.key("bob") });
      await reader.until(({ id }) => id === "1.running");
    }
    expect((await bob.get(`/run/${body.name}`)).body).toMatchObject({
      phase: "running",
      done: false,
    });
    await bob.post(`/run/${body.name}/abort`);
  });

  test("gets the last state and the outputs of a run that ends in time", async () => {
    const bob = devbox.caller("bob");
    const started = await bob.post(`${start}/slow.count`, { to: 1, pause: "PT0.1S" });
    const { status, body } = await bob.get(`/run/${started.body.name}?wait=60`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ phase: "succeeded", done: true, outputs: { counted: 1 } });
  });
});

describe("n8n", () => {
  const andWait = "/run-task-and-wait/development/flytesnacks";

  test("gives named outputs to the next node, as the run of its own user", async () => {
    const { status, body } = await devbox
      .caller("bob")
      .post(`${andWait}/stats.describe?wait=50`, { values: [1, 2, 3] });
    expect([status, body.outputs.mean, body.outputs.count]).toEqual([200, 2, 3]);
    const { body: listed } = await devbox.caller("alice").get("/runs?owner=bob&limit=1");
    expect(listed.runs[0]).toMatchObject({ name: body.name, owner: "bob" });
  });

  test("gets 202 and where to read on for a run that takes longer", async () => {
    const { status, headers, body } = await devbox
      .caller("bob")
      .post(`${andWait}/slow.count?wait=1`, { to: 2, pause: "PT0.7S" });
    expect([status, body.done]).toEqual([202, false]);
    const asked = `${devbox.url}${andWait}/slow.count`;
    const next = new URL(headers.get("location") ?? "", asked);
    const read = await devbox.caller("bob").get(`${next.pathname}${next.search}&wait=60`);
    expect(read).toMatchObject({ status: 200, body: { outputs: { counted: 2 } } });
  });

  test("fails its node with the task's own message, and not with a 500", async () => {
    const { status, body } = await devbox.caller("bob").post(`${andWait}/failing.always`, {});
    expect([status, body.code, body.phase]).toEqual([424, "run_failed", "failed"]);
    expect(body.error).toMatch(/^Cannot go on: the model file is missing\./);
  });

  test("is told which header to send when its credential is missing", async () => {
    const { status, headers, body } = await devbox.caller().post(`${andWait}/stats.describe`, {});
    expect([status, headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(body).toMatchObject({
      detail: "Authentication credentials required",
      hint: expect.stringContaining("'Authorization: Bearer …'"),
    });
  });
});
