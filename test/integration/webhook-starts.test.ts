import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { connect } from "../support/devbox-client.ts";
import { type Answer, createCaller } from "../support/http.ts";

/** Ways to start runs beside the plain one, against a devbox: options, dry runs, batches, and starting anew. */
let devbox: Devbox;
let flyte: ControlPlane;
let open: string;
let fenced: string;
const closing: (() => Promise<unknown>)[] = [];
const scope = { project: "flytesnacks", domain: "development" };
const describeTask = "/run-task/development/flytesnacks/count";

async function serve(options: Partial<WebhookOptions> = {}): Promise<string> {
  const endpointGroups = ["all", "batch", "rerun", "list", "fire"] as const;
  const webhook = createWebhook({
    name: "starts",
    controlPlane: flyte,
    endpointGroups,
    ...options,
  });
  closing.unshift(() => webhook.close());
  return webhook.listen({ host: "127.0.0.1", port: 0 });
}

async function deploy(name: string, version: string): Promise<void> {
  const type = (simple: SimpleType) => ({ type: { case: "simple", value: simple } as const });
  const primitive = { value: { case: "stringValue" as const, value: "own" } };
  const scalar = { value: { case: "primitive" as const, value: primitive } };
  const value = { value: { case: "scalar" as const, value: scalar } };
  await connect(devbox, "alice").tasks.deployTask({
    taskId: { ...scope, name, version },
    spec: {
      defaultInputs: [{ name: "text", parameter: { behavior: { case: "default", value } } }],
      taskTemplate: {
        type: "shell",
        target: { case: "container", value: { args: ["true"] } },
        interface: {
          inputs: {
            variables: [
              { key: "count", value: { type: type(SimpleType.INTEGER) } },
              { key: "text", value: { type: type(SimpleType.STRING) } },
            ],
          },
        },
      },
    },
  });
}

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  flyte = createControlPlane({ endpoint: devbox.url, ...scope });
  closing.push(
    () => flyte.close(),
    () => devbox.close(),
  );
  await deploy("count", "v1");
  await deploy("secret", "v1");
  [open, fenced] = await Promise.all([serve(), serve({ taskAllowlist: ["count"] })]);
});

afterAll(async () => {
  for (const close of closing) await close();
});

const caller = (url: string, user = "alice") => createCaller(url, devbox.keys[user] ?? "");
const query = (parameters: Readonly<Record<string, unknown>>): string =>
  `?${Object.entries(parameters)
    .map(([name, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${name}=${encodeURIComponent(text)}`;
    })
    .join("&")}`;

async function specOf(name: string) {
  const { details } = await connect(devbox, "alice").runs.getRunDetails({
    runId: { ...scope, org: "", name },
  });
  return details?.runSpec;
}

async function countRuns(): Promise<number> {
  return (await caller(open).get("/runs?limit=200")).body.runs.length;
}

const expectNothingStarted = async (act: () => Promise<Answer>): Promise<Answer> => {
  const before = await countRuns();
  const answer = await act();
  expect(await countRuns()).toBe(before);
  return answer;
};

describe("options of a run", () => {
  test("arrive at the control plane", async () => {
    const options = query({
      run_name: "my-run-1",
      labels: { team: "ml", "example.com/stage": "dev" },
      env_vars: { MODE: "fast", EMPTY: "" },
      queue: "gpu",
      overwrite_cache: true,
      interruptible: false,
    });
    const { status, body } = await caller(open).post(`${describeTask}${options}`, { count: 1 });
    expect({ status, name: body.name }).toEqual({ status: 200, name: "my-run-1" });
    expect(await specOf("my-run-1")).toMatchObject({
      labels: { values: { team: "ml", "example.com/stage": "dev" } },
      envs: {
        values: expect.arrayContaining([
          expect.objectContaining({ key: "MODE", value: "fast" }),
          expect.objectContaining({ key: "EMPTY", value: "" }),
        ]),
      },
      ...{ cluster: "gpu", overwriteCache: true, interruptible: false },
    });
  });

  test("of a trace stand in a label, and nobody can set a label of ours", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const response = await fetch(`${open}${describeTask}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${devbox.keys["alice"]}`,
        "content-type": "application/json",
        traceparent,
      },
      body: '{"count": 1}',
    });
    const { name } = (await response.json()) as { name: string };
    expect((await specOf(name))?.labels?.values).toMatchObject({
      "flyte-webhook/trace-id": "4bf92f3577b34da6a3ce929d0e0e4736",
    });
    const own = query({ labels: { "flyte-webhook/trace-id": "x" } });
    const { status, body } = await caller(open).post(`${describeTask}${own}`, { count: 1 });
    expect({ status, errors: body.errors }).toMatchObject({
      status: 400,
      errors: [{ path: 'labels["flyte-webhook/trace-id"]' }],
    });
  });

  test.each([
    [{ run_name: "Not-A-Name" }, "run name"],
    [{ run_name: "a".repeat(31) }, "run name"],
    [{ labels: { "-x": "1" } }, "labels"],
    [{ labels: { x: "a b" } }, "labels"],
    [{ labels: { x: 1 } }, "labels"],
    [{ env_vars: { "1X": "1" } }, "env_vars"],
    [{ env_vars: { X: "a\0b" } }, "env_vars"],
    [{ env_vars: { X: ["a"] } }, "env_vars"],
    [{ labels: "not json" }, "labels"],
    [{ overwrite_cache: "perhaps" }, "overwrite_cache"],
  ])("%j is refused, and nothing started", async (options, place) => {
    const { status, body } = await expectNothingStarted(() =>
      caller(open).post(`${describeTask}${query(options)}`, { count: 1 }),
    );
    expect([400, 422]).toContain(status);
    expect(body.detail).toContain(place);
  });

  test("that could change what a task does are refused where tasks are allowed one by one", async () => {
    for (const options of [
      { env_vars: { NODE_OPTIONS: "--import=x" } },
      { queue: "gpu" },
      { labels: { "sidecar.istio.io/inject": "false" } },
    ]) {
      const { status, body } = await expectNothingStarted(() =>
        caller(fenced).post(`${describeTask}${query(options)}`, { count: 1 }),
      );
      expect({ status, code: body.code }).toEqual({ status: 403, code: "not_allowlisted" });
      expect(body.detail).toContain(`may not set ${Object.keys(options)[0]}`);
    }
    const named = await serve({ taskAllowlist: ["count"], runOptions: ["env_vars"] });
    const allowed = query({ env_vars: { MODE: "fast" } });
    expect((await caller(named).post(`${describeTask}${allowed}`, { count: 1 })).status).toBe(200);
    const other = query({ labels: { team: "ml" } });
    expect((await caller(named).post(`${describeTask}${other}`, { count: 1 })).status).toBe(403);
  });

  test("that name a run do not tell whether there is one that may not be seen", async () => {
    const secret = "/run-task/development/flytesnacks/secret?run_name=hidden-run";
    expect((await caller(open).post(secret, { count: 1 })).status).toBe(200);
    for (const dry of ["", "&dry_run=true"]) {
      const answers = await Promise.all(
        ["hidden-run", "absent-run"].map((name) =>
          caller(fenced).post(`${describeTask}?run_name=${name}${dry}`, { count: 1 }),
        ),
      );
      const bodies = answers.map(({ status, body }) => ({ ...body, status, requestId: "" }));
      expect(bodies[0]).toEqual(bodies[1]);
      expect(bodies[0]).toMatchObject({ status: 403, code: "not_allowlisted" });
    }
    const triggers = await serve({ triggerAllowlist: ["nightly"] });
    const named = await caller(triggers).post(`${describeTask}?run_name=absent-run`, { count: 1 });
    expect(named.status).toBe(403);
  });

  test("cannot name a run as a key of somebody else would", async () => {
    const name = `i${"0a".repeat(15).slice(1)}`;
    for (const dry of ["", "&dry_run=true"]) {
      const path = `${describeTask}?run_name=${name}${dry}`;
      const { status, body } = await expectNothingStarted(() =>
        caller(open).post(path, { count: 1 }),
      );
      expect({ status, errors: body.errors }).toMatchObject({
        status: 400,
        errors: [{ path: "run_name" }],
      });
    }
    expect(
      (await caller(open).post(`${describeTask}?run_name=${name}b`, { count: 1 })).status,
    ).toBe(
      400, // too long for a name at all
    );
    const near = `${describeTask}?run_name=${name.slice(0, -1)}`;
    expect((await caller(open).post(near, { count: 1 })).status).toBe(200);
  });

  test("that are unknown keep a webhook from being made", async () => {
    const wrong = { runOptions: ["env"] as never };
    await expect(serve(wrong)).rejects.toMatchObject({
      code: "invalid_config",
      message: expect.stringContaining('runOptions cannot have "env".'),
    });
  });
});

describe("a dry run", () => {
  test("tells task, version, place and inputs, and starts nothing", async () => {
    const { status, body } = await expectNothingStarted(() =>
      caller(open).post(`${describeTask}?dry_run=true`, { count: 3 }),
    );
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        dry_run: true,
        task: { ...scope, name: "count", version: "v1" },
        run: scope,
        inputs: { count: 3, text: "own" },
      },
    });
  });

  test("refuses what the start would refuse", async () => {
    const wrong = await expectNothingStarted(() =>
      caller(open).post(`${describeTask}?dry_run=true`, { count: "three" }),
    );
    expect(wrong).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    const secret = "/run-task/development/flytesnacks/secret?dry_run=true";
    expect(await caller(fenced).post(secret, { count: 1 })).toMatchObject({ status: 403 });
  });
});

describe("starting a run anew", () => {
  test("takes its task, inputs and settings over, and what is given on top", async () => {
    const options = query({ labels: { team: "ml" }, env_vars: { MODE: "fast" } });
    const first = (await caller(open).post(`${describeTask}${options}`, { count: 7 })).body.name;
    await deploy("count", "v2");
    const again = await caller(open).post(`/run/${first}/rerun`);
    const other = await caller(open).post(`/run/${first}/rerun?version=latest`, { text: "new" });
    for (const [answer, inputs, version] of [
      [again, { count: 7, text: "own" }, "v1"],
      [other, { count: 7, text: "new" }, "v2"],
    ] as const) {
      expect(answer.status).toBe(200);
      expect(answer.body.name).not.toBe(first);
      const io = await caller(open).get(`/run/${answer.body.name}/io`);
      expect(io.body.inputs).toEqual(inputs);
      const listed = (await caller(open).get("/runs?task=count&limit=200")).body.runs;
      const run = listed.find(({ name }: { name: string }) => name === answer.body.name);
      expect(run.task.version).toBe(version);
      expect(await specOf(answer.body.name)).toMatchObject({
        labels: { values: { team: "ml" } },
        envs: { values: [expect.objectContaining({ key: "MODE", value: "fast" })] },
      });
    }
  });

  test("can be tried dry", async () => {
    const { name } = (await caller(open).post(describeTask, { count: 1 })).body;
    const { body } = await expectNothingStarted(() =>
      caller(open).post(`/run/${name}/rerun?dry_run=true`, { count: 2 }),
    );
    expect(body).toMatchObject({ dry_run: true, inputs: { count: 2, text: "own" } });
  });

  test("is refused like reading for runs that may not be seen, and for those that are not there", async () => {
    const path = "/run-task/development/flytesnacks/secret";
    const { name } = (await caller(open).post(path, { count: 1 })).body;
    const [hidden, absent] = await Promise.all([
      expectNothingStarted(() => caller(fenced).post(`/run/${name}/rerun`)),
      caller(fenced).post("/run/absent/rerun"),
    ]);
    expect(hidden.status).toBe(404);
    expect(hidden.body.detail).toBe(`Run ${name} not found`);
    expect(absent.body.detail).toBe("Run absent not found");
  });

  test("is refused with inputs that do not fit", async () => {
    const { name } = (await caller(open).post(describeTask, { count: 1 })).body;
    const { status, body } = await expectNothingStarted(() =>
      caller(open).post(`/run/${name}/rerun`, { count: "x", more: 1 }),
    );
    expect({ status, code: body.code }).toEqual({ status: 400, code: "invalid_input" });
    expect(body.errors).toHaveLength(2);
  });
});

describe("a batch", () => {
  const item = (given: object = {}) => ({
    ...scope,
    name: "count",
    inputs: { count: 1 },
    ...given,
  });

  test("starts each item, and says what became of it", async () => {
    const runs = [item(), item({ inputs: { count: 2 }, run_name: "batch-2", labels: { a: "b" } })];
    const { status, body } = await caller(open).post("/run-tasks", { runs });
    expect({ status, started: body.started, failed: body.failed }).toEqual({
      ...{ status: 200, started: 2, failed: 0 },
    });
    expect(body.runs[1]).toMatchObject({ status: 200, name: "batch-2" });
    expect((await specOf("batch-2"))?.labels?.values).toMatchObject({ a: "b" });
    expect((await caller(open).get("/run/batch-2/io")).body.inputs).toMatchObject({ count: 2 });
  });

  test("goes on past items that are refused, and is 207 then", async () => {
    const runs = [
      item({ name: "secret" }),
      item({ inputs: { count: "one" } }),
      item({ name: "absent" }),
      item({ env_vars: { A: "b" } }),
      item(),
    ];
    const { status, body } = await caller(fenced).post("/run-tasks", { runs });
    expect(status).toBe(207);
    expect(body.runs.map((run: { status: number }) => run.status)).toEqual([
      403, 400, 403, 403, 200,
    ]);
    expect(body).toMatchObject({ started: 1, failed: 4 });
    expect(body.runs[0].problem).toMatchObject({ code: "not_allowlisted", status: 403 });
  });

  test("with one key is started once, item by item", async () => {
    const runs = [item(), item(), item({ inputs: { count: 5 } })];
    const send = () =>
      fetch(`${open}/run-tasks`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${devbox.keys["alice"]}`,
          "content-type": "application/json",
          "idempotency-key": "k".repeat(255),
        },
        body: JSON.stringify({ runs }),
      });
    const first = await send();
    const body = await first.json();
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    const names = new Set((body as { runs: { name: string }[] }).runs.map(({ name }) => name));
    expect(names.size).toBe(3);
    const before = await countRuns();
    const second = await send();
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    expect(await second.json()).toEqual(body);
    expect(await countRuns()).toBe(before);
  });

  test("can be tried dry", async () => {
    const { status, body } = await expectNothingStarted(() =>
      caller(open).post("/run-tasks?dry_run=true", { runs: [item(), item({ name: "secret" })] }),
    );
    expect(status).toBe(200);
    expect(body.runs.map((run: { dry_run: boolean }) => run.dry_run)).toEqual([true, true]);
  });

  test.each([
    [{}, "body.runs"],
    [{ runs: [] }, "body.runs"],
    [{ runs: {} }, "body.runs"],
    [{ runs: [1] }, "body.runs[0]"],
    [{ runs: [item({ domain: "a/b" })] }, "body.runs[0].domain"],
    [{ runs: [item(), item({ project: undefined })] }, "body.runs[1].project"],
    [{ runs: [item({ inputs: [] })] }, "body.runs[0].inputs"],
    [{ runs: [item({ nmae: "x" })] }, "body.runs[0].nmae"],
    [{ runs: [item({ version: "../v1" })] }, "body.runs[0].version"],
    [{ runs: [item({ wait: 5 })] }, "body.runs[0].wait"],
    [{ runs: Array.from({ length: 101 }, () => item()) }, "body.runs"],
  ])("that is wrong in its form starts nothing (%#)", async (body, place) => {
    const answer = await expectNothingStarted(() => caller(open).post("/run-tasks", body));
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(place);
  });
});
