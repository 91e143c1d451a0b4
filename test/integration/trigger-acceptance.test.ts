import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { bundleCommand } from "../support/bundled-command.ts";
import { ServerProcess } from "../support/dev-process.ts";
import { connect, nameOf } from "../support/devbox-client.ts";
import { createCaller } from "../support/http.ts";

/** A trigger of one second by the real clock, switched over HTTP, through a crash. */
let folder: string;
let command: readonly string[];
let server: ServerProcess;

const scope = { project: "flytesnacks", domain: "development" };
const second = 1000;

function start(): Promise<ServerProcess> {
  const line = ["dev", "--state", join(folder, "state"), "--port", "0", "--devbox-port", "0"];
  return ServerProcess.start([...line, "--endpoint-group", "all", "fire"], { command });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-triggers-"));
  command = await bundleCommand(join(folder, "package"));
  server = await start();
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

interface Trigger {
  readonly task: string;
  readonly name: string;
}

/** What alice sees of a trigger. */
function watch(trigger: Trigger) {
  const { controlPlane: url, keys, webhook } = server.ready;
  const key = keys["alice"] ?? "";
  const http = createCaller(webhook, key);
  const { runs } = connect({ url, keys }, "alice");
  const flyte = createControlPlane({
    ...{ endpoint: url, ...scope, authenticator: bearerAuthenticator(key) },
  });
  const { task: taskName, name } = trigger;
  const runNames = async (): Promise<readonly string[]> => {
    const found = await runs.listRuns({
      scopeBy: { case: "triggerName", value: { ...scope, taskName, name } },
      request: { limit: 200 },
    });
    return found.runs.map(nameOf);
  };
  return {
    http,
    flyte,
    runNames,
    post: (verb: string, body?: object) => http.post(`/trigger/${taskName}/${name}/${verb}`, body),
    /** Waits for so many runs, and gives all. */
    async fired(atLeast: number): Promise<readonly string[]> {
      await expect
        .poll(async () => (await runNames()).length, { timeout: 60_000 })
        .toBeGreaterThanOrEqual(atLeast);
      return runNames();
    },
    /** How often it was due from a time on until it fired last. */
    async dueSince(from: Date): Promise<number> {
      const { lastFiredAt } = await flyte.triggers.get(trigger);
      return ((lastFiredAt?.getTime() ?? Number.NaN) - from.getTime()) / second;
    },
    async [Symbol.asyncDispose]() {
      await flyte.close();
    },
  };
}

async function switchedAt(
  { flyte }: Pick<ReturnType<typeof watch>, "flyte">,
  trigger: Trigger,
): Promise<Date> {
  const { updatedAt } = await flyte.triggers.get(trigger);
  if (updatedAt === undefined) throw new Error("the trigger was never changed");
  return updatedAt;
}

test("a trigger of a second is started, stopped and resumed over HTTP, and a crash loses and doubles no fire", {
  timeout: 120_000,
}, async () => {
  const ticking = { task: "stats.describe", name: "ticking" };
  const control = { task: "stats.describe", name: "control" };
  const every = { schedule: { cron: "@every 1s" }, inputs: { values: [1, 2] } };
  let before: number;
  {
    await using seen = watch(ticking);
    await using other = watch(control);
    await seen.flyte.triggers.deploy({ ...ticking, ...every, active: false });
    // Goes on all the time: when it has fired, so would have the other.
    await other.flyte.triggers.deploy({ ...control, ...every });
    const waitForFires = async (count: number) => {
      await other.fired((await other.runNames()).length + count);
    };
    await waitForFires(2);
    expect(await seen.runNames()).toEqual([]);

    const on = await seen.post("activate");
    expect(on).toMatchObject({
      status: 200,
      body: { task_name: ticking.task, trigger_name: "ticking", active: true },
    });
    const since = await switchedAt(seen, ticking);
    const next = Date.parse(on.body.next_fire_at) - since.getTime();
    expect([next > 0, next % second]).toEqual([true, 0]);
    await seen.fired(2);
    const off = await seen.post("deactivate");
    expect(off.body).toMatchObject({ active: false, next_fire_at: null });
    const fired = await seen.runNames();
    expect(new Set(fired).size).toBe(fired.length);
    expect(fired).toHaveLength(await seen.dueSince(since));
    await waitForFires(3);
    expect(await seen.runNames()).toEqual(fired);
    before = fired.length;

    await seen.post("activate");
    await seen.fired(before + 1);
  }
  // Not told beforehand, and nothing is left to be written.
  await server.stop("SIGKILL");
  const down = Date.now();
  server = await start();
  await using seen = watch(ticking);
  const since = await switchedAt(seen, ticking);
  await seen.fired(before + 2 + (down - since.getTime()) / second);
  await seen.post("deactivate");
  const fired = await seen.runNames();
  expect(new Set(fired).size).toBe(fired.length);
  expect(fired).toHaveLength(before + (await seen.dueSince(since)));
});

test("a trigger is fired over HTTP with inputs of the caller", async () => {
  const demand = { task: "stats.describe", name: "demand" };
  await using seen = watch(demand);
  const inputs = { values: [1, 2, 3] };
  await seen.flyte.triggers.deploy({
    ...{ ...demand, schedule: { cron: "@yearly" }, active: false, inputs },
  });
  for (const [body, given] of [
    [undefined, inputs],
    [{ values: [9] }, { values: [9] }],
  ] as const) {
    const { status, body: answer } = await seen.post("fire", body);
    expect([status, Object.keys(answer)]).toEqual([200, ["url", "name"]]);
    expect((await seen.http.get(`/run/${answer.name}/io`)).body.inputs).toEqual(given);
  }
  expect(await seen.runNames()).toHaveLength(2);
  expect(await seen.post("fire", { vlaues: [1] })).toMatchObject({
    status: 400,
    body: { code: "invalid_input", errors: [{ path: "vlaues" }] },
  });
  const absent = { task: "stats.describe", name: "absent" };
  expect((await watch(absent).post("fire")).status).toBe(404);
});
