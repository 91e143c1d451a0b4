import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Resources_ResourceName } from "../../src/idl/tasks.ts";
import { fromInputs } from "../../src/values/task-inputs.ts";
import { createCaller } from "../support/http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

const path = "/prefetch/hf-model";
let webhook: TestWebhook;

beforeAll(async () => {
  webhook = await startTestWebhook();
});

afterAll(() => webhook[Symbol.asyncDispose]());
afterEach(() => webhook.stub.reset());

let callers = 0;

/** Each request is that of a new caller, whose tasks are not known yet. */
function caller({ url }: TestWebhook = webhook) {
  callers += 1;
  return createCaller(url, `key-${callers}`);
}

/** What the run was given, and how it was started. */
function readRun({ stub }: TestWebhook = webhook) {
  const { inputs } = stub.store.inputs.at(-1) ?? {};
  const { task, id, runSpec } = stub.runs.created.at(-1) ?? {};
  return {
    inputs: inputs === undefined ? undefined : fromInputs(inputs, undefined),
    task: task?.case === "taskId" ? task.value : undefined,
    spec: task?.case === "taskSpec" ? task.value.taskTemplate : undefined,
    scope: id?.case === "projectId" ? id.value : undefined,
    labels: runSpec?.labels?.values,
    rawDataPrefix: runSpec?.rawDataStorage?.rawDataPrefix,
  };
}

describe("a prefetch", () => {
  test("is a run of the registered task, with all its texts", async () => {
    const { status, body } = await caller().post(`${path}?repo=org/some.model`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: "rnew", done: false });
    expect(readRun()).toMatchObject({
      inputs: { repo: "org/some.model", artifact_name: "", short_description: "" },
      task: {
        name: "prefetch.hf_model",
        project: "flytesnacks",
        domain: "development",
        version: "v1",
      },
      scope: { name: "flytesnacks", domain: "development" },
      labels: { model: "some-model" },
      rawDataPrefix: undefined,
    });
  });

  test("takes name, description, storage and place", async () => {
    const { status } = await caller().post(path, {
      repo: "model",
      artifact_name: "My_model-1",
      short_description: "small",
      raw_data_path: "s3://bucket/models",
      project: "other",
      domain: "staging",
    });
    expect(status).toBe(200);
    expect(readRun()).toMatchObject({
      inputs: { repo: "model", artifact_name: "My_model-1", short_description: "small" },
      task: { project: "flytesnacks", domain: "development" },
      scope: { name: "other", domain: "staging" },
      labels: { model: "My_model-1" },
      rawDataPrefix: "s3://bucket/models",
    });
  });

  test("gives a task all that it has inputs for, defaults included", async () => {
    webhook.stub.tasks.inputs.set("prefetch.hf_model", ["repo", "task", "cpu", "architecture"]);
    await caller().post(`${path}?repo=org/model&cpu=4&artifact_name=`);
    expect(readRun().inputs).toEqual({
      repo: "org/model",
      task: "auto",
      cpu: "4",
      architecture: "",
    });
  });

  test("what would be without effect is 400, every name at once", async () => {
    const { status, body } = await caller().post(
      `${path}?repo=org/model&cpu=4&memory=8Gi&disk=1Ti&force=1&task=chat`,
      ["text", "image"],
    );
    expect([status, body.code]).toEqual([400, "invalid_input"]);
    const paths = body.errors.map(({ path: at }: { readonly path: string }) => at);
    expect(paths).toEqual(["task", "force", "modality"]);
    expect(body.errors[0].message).toBe(
      "has no effect: task prefetch.hf_model of version v1 has no such input. Leave it out, or have a task registered that takes it",
    );
    expect(webhook.stub.runs.created).toEqual([]);
  });

  test("is split into shards by no task that has no input for it", async () => {
    const shards = { engine: "vllm", args: { tensor_parallel_size: 2 } };
    const { status, body } = await caller().post(path, { repo: "org/model", shard_config: shards });
    expect([status, body.code, body.errors[0].path]).toEqual([
      400,
      "invalid_input",
      "shard_config",
    ]);
    expect(body.errors[0].message).toContain("has no such input");
    const query = encodeURIComponent(JSON.stringify(shards));
    const asked = await caller().post(`${path}?repo=org/model&shard_config=${query}`);
    expect([asked.status, asked.body.errors[0].path]).toEqual([400, "shard_config"]);
    expect(webhook.stub.runs.created).toEqual([]);
  });

  test("the modality of texts is none, however it is written", async () => {
    for (const body of [undefined, [], ["text"], null, { modality: ["text"] }]) {
      const { status } = await caller().post(`${path}?repo=org/model`, body);
      expect(status).toBe(200);
    }
  });

  for (const [repo, artifact, faults] of [
    ["org/model/more", "", ["repo"]],
    ["", "", ["repo"]],
    ["/model", "", ["repo"]],
    ["org/", "", ["repo"]],
    ["../model", "", ["repo"]],
    ["org/..", "", ["repo"]],
    ["https://huggingface.co/org/model", "", ["repo"]],
    ["org/mo del", "a.b", ["repo", "artifact_name"]],
    ["org/model", "a/b", ["artifact_name"]],
    ["org/model", "ä", ["artifact_name"]],
  ] as const) {
    test(`the repository "${repo}" as "${artifact}" is refused before anybody is asked`, async () => {
      const { status, body } = await caller().post(path, { repo, artifact_name: artifact });
      expect([status, body.code]).toEqual([400, "invalid_input"]);
      expect(body.errors.map(({ path: at }: { readonly path: string }) => at)).toEqual(faults);
      expect(webhook.stub.takeMethods()).toEqual([]);
    });
  }

  test("gets other resources by the specification of the task, which stays the same otherwise", async () => {
    const { status } = await caller().post(path, { repo: "org/model", cpu: "500m", disk: "1Ti" });
    expect(status).toBe(200);
    const { spec, task } = readRun();
    expect(task).toBeUndefined();
    expect(spec).toMatchObject({
      id: {
        name: "prefetch.hf_model",
        project: "flytesnacks",
        domain: "development",
        version: "v1",
      },
      target: { value: { image: "image", args: ["run"] } },
    });
    const entries = [
      { name: Resources_ResourceName.CPU, value: "500m" },
      { name: Resources_ResourceName.EPHEMERAL_STORAGE, value: "1Ti" },
    ];
    expect(spec?.target.case === "container" ? spec.target.value.resources : {}).toMatchObject({
      requests: entries,
      limits: entries,
    });
    expect(spec?.securityContext?.secrets).toEqual([]);
  });

  for (const [parameter, text] of [
    ["cpu", "many"],
    ["cpu", "0"],
    ["memory", "8GB"],
    ["disk", "-1Gi"],
    ["disk", ""],
    ["hf_token_key", "a b"],
    ["hf_token_key", "../HF_TOKEN"],
  ] as const) {
    test(`${parameter} cannot be "${text}"`, async () => {
      const { status, body } = await caller().post(path, { repo: "org/model", [parameter]: text });
      expect([status, body.code]).toEqual([400, "invalid_input"]);
      expect(body.errors.map(({ path: at }: { readonly path: string }) => at)).toEqual([parameter]);
      expect(webhook.stub.takeMethods()).toEqual([]);
    });
  }

  test("a label keeps to the rules of labels", async () => {
    await caller().post(`${path}?repo=org/_${"m".repeat(61)}.-x`);
    expect(readRun().labels).toEqual({ model: "m".repeat(61) });
  });

  test("without the task it is 501, naming what to register", async () => {
    webhook.stub.tasks.absent.add("prefetch.hf_model");
    const { status, body } = await caller().post(`${path}?repo=org/model`);
    expect([status, body.code]).toEqual([501, "unimplemented"]);
    expect(body.detail).toContain(
      "by the task prefetch.hf_model in project flytesnacks, domain development, or by the task prefetch.hf_model in project system, domain production, which is not there",
    );
    expect(body.detail).toContain("prefetchTask");
  });

  test("a task that fetches no models is 501, too", async () => {
    for (const inputs of [["x"], ["repo", "x"], ["info"], []]) {
      webhook.stub.tasks.inputs.set("prefetch.hf_model", inputs);
      const { status, body } = await caller().post(`${path}?repo=org/model`);
      expect([status, body.code]).toEqual([501, "unimplemented"]);
    }
    expect(webhook.stub.runs.created).toEqual([]);
  });

  test("another task can be named, in one version and elsewhere", async () => {
    const prefetchTask = { name: "fetch.it", version: "v9", project: "ml", domain: "production" };
    await using other = await startTestWebhook({ prefetchTask });
    other.stub.tasks.inputs.set("fetch.it", ["repo"]);
    await caller(other).post(`${path}?repo=org/model`);
    expect(readRun(other).task).toMatchObject(prefetchTask);
  });
});

describe("the token of a prefetch", () => {
  const secretsOf = () =>
    readRun().spec?.securityContext?.secrets.map(({ key, envVar }) => [key, envVar]);

  for (const place of ["flytesnacks/development", "/development", "/"]) {
    test(`is the secret HF_TOKEN of ${place}`, async () => {
      webhook.stub.secrets.present.add(`${place} HF_TOKEN`);
      expect((await caller().post(`${path}?repo=org/model`)).status).toBe(200);
      expect(secretsOf()).toEqual([["HF_TOKEN", "HF_TOKEN"]]);
    });
  }

  test("is looked for where the run is", async () => {
    webhook.stub.secrets.present.add("other/staging HF_TOKEN");
    await caller().post(path, { repo: "org/model", project: "other", domain: "staging" });
    expect(secretsOf()).toEqual([["HF_TOKEN", "HF_TOKEN"]]);
  });

  test("is none where there is no such secret, and where none is wanted", async () => {
    expect((await caller().post(`${path}?repo=org/model`)).status).toBe(200);
    expect(readRun().task).toBeDefined();
    webhook.stub.secrets.present.add("/ HF_TOKEN");
    expect((await caller().post(`${path}?repo=org/model&hf_token_key=`)).status).toBe(200);
    expect(readRun().task).toBeDefined();
  });

  test("is another secret as the same variable, which has to be there", async () => {
    const ask = () => caller().post(`${path}?repo=org/model&hf_token_key=TEAM_TOKEN`);
    const { status, body } = await ask();
    expect([status, body.code, body.errors[0].path]).toEqual([
      400,
      "invalid_input",
      "hf_token_key",
    ]);
    expect(body.errors[0].message).toContain(
      "flyte-webhook create secret TEAM_TOKEN --project flytesnacks --domain development",
    );
    webhook.stub.secrets.present.add("/ TEAM_TOKEN");
    expect((await ask()).status).toBe(200);
    expect(secretsOf()).toEqual([["TEAM_TOKEN", "HF_TOKEN"]]);
  });

  test("is left to the run where nobody may look for it", async () => {
    for (const code of [Code.PermissionDenied, Code.Unimplemented]) {
      webhook.stub.failures.set("getSecret", new ConnectError("no", code));
      expect((await caller().post(`${path}?repo=org/model`)).status).toBe(200);
      expect(readRun().task).toBeDefined();
      expect((await caller().post(`${path}?repo=org/model&hf_token_key=TEAM`)).status).toBe(200);
      expect(secretsOf()).toEqual([["TEAM", "HF_TOKEN"]]);
    }
  });
});

test("a devbox has the task where nobody configured it", async () => {
  webhook.stub.tasks.places.set("prefetch.hf_model", "system/production");
  expect((await caller().post(`${path}?repo=org/model`)).status).toBe(200);
  expect(readRun()).toMatchObject({
    task: { name: "prefetch.hf_model", project: "system", domain: "production" },
    scope: { name: "flytesnacks", domain: "development" },
  });
});

test("a prefetch run tells its phase with its inputs and outputs", async () => {
  const { body } = await caller().get(`${path}/run-of-prefetch/io`);
  expect(body).toEqual({
    name: "run-of-prefetch",
    phase: "running",
    inputs: {},
    outputs: null,
  });
});

test("a dry run of a prefetch tells the task and its inputs, and starts nothing", async () => {
  const { status, body } = await caller().post(
    `${path}?repo=org/model&artifact_name=m&short_description=d&dry_run=true`,
  );
  expect({ status, body }).toMatchObject({
    status: 200,
    body: { dry_run: true, task: { name: "prefetch.hf_model" }, inputs: { repo: "org/model" } },
  });
  expect(webhook.stub.runs.created).toEqual([]);
});
