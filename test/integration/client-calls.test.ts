import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import type { ControlPlaneOptions } from "../../src/client/options.ts";
import { IdentityService } from "../../src/idl/auth.ts";
import { ClusterService } from "../../src/idl/clusters.ts";
import { DataProxyService, type UploadInputsRequest } from "../../src/idl/data-proxy.ts";
import { type CreateRunRequest, RunService } from "../../src/idl/runs.ts";
import { InputsSchema, TaskService } from "../../src/idl/tasks.ts";
import { fromInputs } from "../../src/values/task-inputs.ts";
import { startStub, stubRun, stubTask, toShortRun } from "../support/scripted-control-plane.ts";

type Options = Omit<ControlPlaneOptions, "endpoint">;

async function connect(routes: (router: ConnectRouter) => void, options: Options = {}) {
  const stub = await startStub(routes);
  const scope = { project: "p", domain: "d" };
  const flyte = createControlPlane({ endpoint: stub.url, ...scope, ...options });
  onTestFinished(() => flyte.close());
  return { flyte, stub };
}

/** A control plane on which tasks can be started; remembers what it was asked. */
function startable(existing?: ReturnType<typeof stubRun>) {
  const uploads: UploadInputsRequest[] = [];
  const creates: CreateRunRequest[] = [];
  const routes = (router: ConnectRouter): void => {
    router.service(TaskService, {
      listTasks: () => ({ tasks: [{ taskId: { project: "p", domain: "d", version: "v1" } }] }),
      getTaskDetails({ taskId }) {
        if (taskId?.name === "env.task") return { details: stubTask(taskId.version) };
        throw new ConnectError("no such task", Code.NotFound);
      },
    });
    router.service(ClusterService, { selectCluster: () => ({}) });
    router.service(DataProxyService, {
      uploadInputs(request) {
        uploads.push(request);
        return { offloadedInputData: { uri: "mem://x", inputsHash: "h" } };
      },
    });
    router.service(RunService, {
      getRunDetails() {
        if (existing === undefined) throw new ConnectError("no such run", Code.NotFound);
        return { details: existing };
      },
      createRun(request) {
        creates.push(request);
        const { id } = request;
        const name = id.case === "runId" ? id.value.name : "chosen";
        return { run: toShortRun(stubRun(name, 1)) };
      },
    });
  };
  return { routes, uploads, creates };
}

test("a start resolves the version, uploads the inputs and creates the run, in this order", async () => {
  const { routes, uploads, creates } = startable();
  const { flyte, stub } = await connect(routes);
  const run = await flyte.runs.start({ name: "env.task" }, { x: 3 }, { env: { A: "1" } });
  expect(stub.methods()).toEqual([
    "ListTasks",
    "GetTaskDetails",
    "SelectCluster",
    "UploadInputs",
    "CreateRun",
  ]);
  expect(run).toMatchObject({ name: "chosen", phase: "queued", done: false, owner: "ann" });
  expect(run.url).toBe(`${stub.url}/v2/domain/d/project/p/runs/chosen`);
  expect(run.task).toEqual({ project: "p", domain: "d", name: "env.task", version: "v1" });
  const uploaded = uploads[0]?.inputs ?? create(InputsSchema);
  expect(fromInputs(uploaded, stubTask("v1").spec?.taskTemplate?.interface)).toEqual({ x: 3 });
  expect(creates[0]).toMatchObject({
    id: { case: "projectId", value: { domain: "d", name: "p" } },
    task: { case: "taskId", value: { name: "env.task", version: "v1" } },
    inputWrapper: { case: "offloadedInputData", value: { uri: "mem://x", inputsHash: "h" } },
    runSpec: { envs: { values: [{ key: "A", value: "1" }] } },
  });
});

test("wrong inputs start nothing", async () => {
  const { routes } = startable();
  const { flyte, stub } = await connect(routes);
  const task = { name: "env.task", version: "v1" };
  await expect(flyte.runs.start(task, { x: "three", y: 1 })).rejects.toMatchObject({
    code: "invalid_input",
  });
  expect(stub.methods()).toEqual(["GetTaskDetails"]);
});

test("details once fetched start a run without being fetched again", async () => {
  const { routes } = startable();
  const { flyte, stub } = await connect(routes, { taskCacheTtlMs: 0 });
  const task = await flyte.tasks.get({ name: "env.task", version: "v1" });
  await flyte.runs.start(task, { x: 1 });
  await flyte.runs.start({ ...task }, { x: 1 });
  expect(stub.methods().filter((name) => name === "GetTaskDetails")).toHaveLength(2);
});

test("a run lives where the options say, else with the control plane, else with the task", async () => {
  const { routes, creates } = startable();
  const { flyte, stub } = await connect(routes);
  const task = { name: "env.task", version: "v1" };
  await flyte.runs.start(task, { x: 1 }, { project: "q" });
  const bare = createControlPlane({ endpoint: stub.url });
  onTestFinished(() => bare.close());
  await bare.runs.start({ ...task, project: "p", domain: "d" }, { x: 1 });
  expect(creates.map(({ id }) => id.value)).toMatchObject([
    { name: "q", domain: "d" },
    { name: "p", domain: "d" },
  ]);
  await expect(bare.runs.get({ name: "r" })).rejects.toThrow(/No project is given/);
});

test("a run of a chosen name is started under it", async () => {
  const { routes, creates } = startable();
  const { flyte } = await connect(routes);
  const task = { name: "env.task", version: "v1" };
  expect((await flyte.runs.start(task, { x: 1 }, { name: "mine" })).name).toBe("mine");
  expect(creates[0]?.id).toMatchObject({ case: "runId", value: { name: "mine" } });
  await expect(flyte.runs.start(task, { x: 1 }, { name: "Not Mine" })).rejects.toMatchObject({
    code: "invalid_input",
  });
});

test("a run that exists already is returned, or refused when it is of another task", async () => {
  const task = { name: "env.task", version: "v1" };
  const same = startable(stubRun("mine", 5));
  const { flyte } = await connect(same.routes);
  const run = await flyte.runs.start(task, { x: 1 }, { name: "mine" });
  expect(run.phase).toBe("succeeded");
  const different = startable(stubRun("mine", 5, "env.other"));
  const second = await connect(different.routes);
  await expect(second.flyte.runs.start(task, { x: 1 }, { name: "mine" })).rejects.toMatchObject({
    code: "conflict",
  });
  expect([...same.creates, ...different.creates]).toEqual([]);
});

test("a task is told without its messages", async () => {
  const { flyte } = await connect(startable().routes);
  expect(await flyte.tasks.get({ name: "env.task" })).toMatchObject({
    version: "v1",
    taskType: "python",
    requiredInputs: ["x"],
    defaultInputs: [],
    cache: { behavior: "override", versionOverride: "7", serialize: false },
    secrets: ["KEY"],
    inputSchema: { type: "object" },
  });
  await expect(flyte.tasks.get({ name: "none", version: "v" })).rejects.toMatchObject({
    code: "not_found",
    message: "Task none, version v not found in project p, domain d.",
  });
});

test("kept details never cross from one credential to another", async () => {
  const { routes } = startable();
  const { flyte, stub } = await connect(routes);
  const get = (token: string) =>
    authMetadata([["authorization", token]], () =>
      flyte.tasks.get({ name: "env.task", version: "v1" }),
    );
  for (const token of ["ann", "bob", "ann", "bob"]) await get(token);
  await flyte.tasks.get({ name: "env.task", version: "v1" });
  expect(stub.calls.map(({ headers }) => headers.authorization)).toEqual(["ann", "bob", undefined]);
});

test("concurrent callers carry their own credential each", async () => {
  const { flyte } = await connect((router) => {
    router.service(IdentityService, {
      userInfo: (_request, { requestHeader }) => ({
        subject: requestHeader.get("authorization") ?? "",
      }),
    });
  });
  const tokens = Array.from({ length: 200 }, (_, index) => `token-${index % 20}`);
  const users = await Promise.all(
    tokens.map((token) => authMetadata([["authorization", token]], () => flyte.users.me())),
  );
  expect(users.map(({ subject }) => subject)).toEqual(tokens);
  expect((await flyte.users.me()).subject).toBe("");
});

test("a run that has ended is not aborted", async () => {
  const { routes } = startable(stubRun("done", 5));
  const { flyte, stub } = await connect(routes);
  expect((await flyte.runs.abort({ name: "done" })).phase).toBe("succeeded");
  expect(stub.methods()).toEqual(["GetRunDetails"]);
});

test("lists follow pages up to the limit and no token for ever", async () => {
  const tokens: string[] = [];
  const { flyte } = await connect((router) => {
    router.service(RunService, {
      listRuns({ request }) {
        tokens.push(request?.token ?? "");
        const names = Array.from({ length: request?.limit ?? 0 }, (_, index) => `r${index}`);
        const runs = names.map((name) => toShortRun(stubRun(name, 5)));
        return { runs, token: "again" };
      },
    });
  });
  expect(await flyte.runs.list({}, { limit: 150 })).toHaveLength(150);
  expect(tokens).toEqual(["", "again"]);
  await flyte.runs.list({}, { limit: 1_000 });
  expect(tokens).toHaveLength(4);
  await expect(flyte.runs.list({}, { limit: 0 })).rejects.toMatchObject({ code: "invalid_input" });
});
