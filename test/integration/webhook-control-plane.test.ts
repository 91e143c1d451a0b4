import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { startTestWebhook, type TestWebhook } from "../support/webhook.ts";

let open: TestWebhook;
let fenced: TestWebhook;
let following: TestWebhook;

beforeAll(async () => {
  [open, fenced, following] = await Promise.all([
    startTestWebhook(),
    startTestWebhook({ taskAllowlist: ["development/flytesnacks/allowed.main"] }),
    startTestWebhook({ runScope: "task" }),
  ]);
});

afterAll(async () => {
  await Promise.all([open, fenced, following].map((webhook) => webhook[Symbol.asyncDispose]()));
});

afterEach(() => {
  for (const { stub } of [open, fenced, following]) {
    stub.failures.clear();
    stub.takeMethods();
  }
});

const taskPath = "/run-task/development/flytesnacks/allowed.main";

describe("success bodies are the original's", () => {
  test("me", async () => {
    const answer = await createCaller(open.url, "key").get("/me");
    expect(answer.body).toEqual({ subject: "Bearer key", name: "Ada" });
    expect(answer.headers.get("content-type")).toBe("application/json");
  });

  test("run_task", async () => {
    const answer = await createCaller(open.url, "key").post(taskPath, { x: 1 });
    expect(answer.body).toEqual({
      url: `${open.stub.url}/v2/domain/development/project/flytesnacks/runs/rnew`,
      name: "rnew",
    });
    expect(open.stub.takeMethods()).toEqual([
      "listTasks",
      "getTaskDetails",
      "selectCluster",
      "uploadInputs",
      "createRun",
    ]);
  });

  test("get_task", async () => {
    const path = "/task/development/flytesnacks/allowed.main?version=v7";
    const answer = await createCaller(open.url, "key").get(path);
    expect(answer.body).toEqual({
      name: "allowed.main",
      version: "v7",
      task_type: "typescript",
      required_args: ["x"],
      default_input_args: [],
      cache: { behavior: "disable", version_override: null, serialize: false },
      secrets: [],
    });
    expect(open.stub.takeMethods()).toEqual(["getTaskDetails"]);
  });

  test("get_run", async () => {
    const answer = await createCaller(open.url, "key").get("/run/run-of-other");
    expect(answer.body).toEqual({
      name: "run-of-other",
      phase: "running",
      url: `${open.stub.url}/v2/domain/development/project/flytesnacks/runs/run-of-other`,
      done: false,
    });
  });

  test("get_run_io", async () => {
    const answer = await createCaller(open.url, "key").get("/run/run-of-other/io");
    expect(answer.body).toEqual({ name: "run-of-other", inputs: {}, outputs: null });
  });

  test("abort_run", async () => {
    const caller = createCaller(open.url, "key");
    expect((await caller.post("/run/run-of-other/abort")).body).toEqual({
      name: "run-of-other",
      status: "abort_requested",
      reason: "Aborted via webhook API",
      phase: "running",
      done: false,
    });
    expect(open.stub.takeMethods()).toContain("abortRun");
    const answer = await caller.post("/run/run-of-other/abort?reason=too%20slow");
    expect(answer.body.reason).toBe("too slow");
  });
});

test("runs are started in the webhook's own project and domain, or follow the task", async () => {
  const path = "/run-task/production/other/allowed.main";
  const own = await createCaller(open.url, "key").post(path, { x: 1 });
  expect(own.body.url).toContain("/domain/development/project/flytesnacks/");
  const followed = await createCaller(following.url, "key").post(path, { x: 1 });
  expect(followed.body.url).toContain("/domain/production/project/other/");
});

test("run endpoints take a project and a domain", async () => {
  const caller = createCaller(open.url, "key");
  const answer = await caller.get("/run/run-of-other?project=other&domain=staging");
  expect(answer.body.url).toContain("/domain/staging/project/other/");
  const hostile = await caller.get("/run/run-of-other?project=a%2Fb");
  expect(hostile.status).toBe(422);
});

test("every call carries its own caller's credentials and no other's", async () => {
  const callers = Array.from({ length: 20 }, (_, index) => `key-${index}`);
  const requests = Array.from({ length: 10 }, () => callers).flat();
  const subjects = await Promise.all(
    requests.map(async (key) => {
      const caller = createCaller(open.url, key);
      await caller.post(taskPath, { x: 1 });
      return (await caller.get("/me")).body.subject;
    }),
  );
  expect(subjects).toEqual(requests.map((key) => `Bearer ${key}`));
  const seen = open.stub.calls.map(({ authorization }) => authorization);
  expect(new Set(seen)).toEqual(new Set(callers.map((key) => `Bearer ${key}`)));
  const creates = open.stub.calls.filter(({ method }) => method === "createRun");
  for (const key of callers) {
    const own = creates.filter(({ authorization }) => authorization === `Bearer ${key}`);
    expect(own).toHaveLength(10);
  }
});

test("authorization and cookie are forwarded untouched, together", async () => {
  await fetch(`${open.url}/me`, { headers: { authorization: "Odd  x", cookie: "a=b; c=d" } });
  expect(open.stub.calls).toEqual([
    { method: "userInfo", authorization: "Odd  x", cookie: "a=b; c=d" },
  ]);
  await fetch(`${open.url}/me`, { headers: { cookie: "a=b" } });
  expect(open.stub.calls[1]).toEqual({ method: "userInfo", authorization: null, cookie: "a=b" });
});

describe("the task allowlist", () => {
  test("denies other tasks in the original's words, without asking anyone", async () => {
    const caller = createCaller(fenced.url, "key");
    for (const answer of [
      await caller.post("/run-task/development/flytesnacks/other.main", { x: 1 }),
      await caller.get("/task/development/flytesnacks/other.main"),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.body.detail).toBe(
        "Task development/flytesnacks/other.main is not in the allowlist",
      );
    }
    expect(fenced.stub.takeMethods()).toEqual([]);
    expect((await caller.post(taskPath, { x: 1 })).status).toBe(200);
  });

  test("lets runs of its tasks be read and aborted", async () => {
    const caller = createCaller(fenced.url, "key");
    expect((await caller.get("/run/run-of-allowed")).status).toBe(200);
    expect((await caller.get("/run/run-of-allowed/io")).status).toBe(200);
    expect((await caller.post("/run/run-of-allowed/abort")).status).toBe(200);
    expect(fenced.stub.takeMethods()).toContain("abortRun");
  });

  const verbs = [
    ["get", ""],
    ["get", "/io"],
    ["post", "/abort"],
  ] as const;
  for (const [verb, suffix] of verbs) {
    test(`${verb} /run/{name}${suffix} answers a foreign run exactly like an absent one`, async () => {
      const caller = createCaller(fenced.url, "key");
      const seen = [];
      for (const name of ["run-of-absent", "run-of-other", "run-of-unknown"]) {
        const answer = await caller[verb](`/run/${name}${suffix}`);
        const { requestId, ...document } = answer.body;
        const text = JSON.stringify(document).replaceAll(name, "NAME");
        const headers = [...answer.headers.keys()].sort();
        seen.push({ status: answer.status, text, headers, calls: fenced.stub.takeMethods() });
      }
      expect(seen[0]).toMatchObject({ status: 404, calls: ["getRunDetails"] });
      expect(seen[0]?.text).toContain('"detail":"Run NAME not found"');
      expect(seen[1]).toEqual(seen[0]);
      expect(seen[2]).toEqual(seen[0]);
    });
  }
});

describe("failures of the control plane", () => {
  const table: readonly (readonly [code: Code, status: number])[] = [
    [Code.Unauthenticated, 401],
    [Code.PermissionDenied, 403],
    [Code.NotFound, 404],
    [Code.InvalidArgument, 400],
    [Code.FailedPrecondition, 400],
    [Code.AlreadyExists, 409],
    [Code.Aborted, 409],
    [Code.ResourceExhausted, 429],
    [Code.Unimplemented, 501],
    [Code.Unavailable, 503],
    [Code.DeadlineExceeded, 504],
    [Code.Internal, 502],
    [Code.Unknown, 502],
    [Code.DataLoss, 502],
  ];
  for (const [code, status] of table) {
    test(`${Code[code]} is ${status} on every way through`, async () => {
      const failure = new ConnectError("planted text", code);
      for (const method of ["userInfo", "getRunDetails", "createRun"]) {
        open.stub.failures.set(method, failure);
      }
      const caller = createCaller(open.url, "key");
      const answers = [
        await caller.get("/me"),
        await caller.get("/run/run-of-other"),
        await caller.get("/run/run-of-other/io"),
        await caller.post("/run/run-of-other/abort"),
        await caller.post(taskPath, { x: 1 }),
      ];
      expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => status));
      for (const { headers, body } of answers) {
        expect(body.requestId).toBe(headers.get("x-request-id"));
        expect(headers.has("www-authenticate")).toBe(status === 401);
        expect(headers.has("retry-after")).toBe(status === 429 || status === 503);
        if (status === 502) expect(JSON.stringify(body)).not.toContain("planted");
      }
    });
  }

  test("an outage does not tell where the control plane is", async () => {
    const lost = await startTestWebhook();
    await lost.stub[Symbol.asyncDispose]();
    const answer = await createCaller(lost.url, "key").get("/me");
    expect(answer.status).toBe(503);
    expect(JSON.stringify(answer.body)).not.toMatch(/127\.0\.0\.1|ECONN/);
    await lost[Symbol.asyncDispose]();
  });
});

describe("tasks", () => {
  test("an absent one is 404 in the original's words", async () => {
    const caller = createCaller(open.url, "key");
    const latest = await caller.post("/run-task/development/flytesnacks/absent", {});
    expect(latest.status).toBe(404);
    expect(latest.body.detail).toBe(
      "Task absent with version latest in development/flytesnacks not found",
    );
    const exact = await caller.get("/task/development/flytesnacks/absent?version=v2");
    expect(exact.body.detail).toBe(
      "Task absent with version v2 in development/flytesnacks not found",
    );
    expect(exact.body.hint).toBeUndefined();
  });

  test("project and domain the wrong way round get a hint", async () => {
    const answer = await createCaller(open.url, "key").get("/task/flytesnacks/production/absent");
    expect(answer.body.hint).toBe(
      "The domain comes before the project: did you mean production/flytesnacks/absent?",
    );
  });

  test("wrong inputs are 400 naming every fault, and nothing is started", async () => {
    const answer = await createCaller(open.url, "key").post(taskPath, { x: "text", y: 1 });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(["x", "y"]);
    expect(open.stub.takeMethods()).not.toContain("uploadInputs");
  });
});
