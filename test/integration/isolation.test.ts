import { Code, ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { createCaller } from "../support/http.ts";
import { startTestWebhook } from "../support/webhook.ts";

const path = "/task/development/flytesnacks/allowed.main?version=v7";

test("what one caller may see of a task is not answered to another from memory", async () => {
  await using webhook = await startTestWebhook();
  const alice = createCaller(webhook.url, "key-of-alice");
  const bob = createCaller(webhook.url, "key-of-bob");
  expect((await alice.get(path)).status).toBe(200);
  webhook.stub.takeMethods();

  webhook.stub.failures.set("getTaskDetails", new ConnectError("no", Code.PermissionDenied));
  expect((await alice.get(path)).status).toBe(200);
  expect(webhook.stub.takeMethods()).toEqual([]);
  expect((await bob.get(path)).status).toBe(403);
  expect(webhook.stub.takeMethods()).toEqual(["getTaskDetails"]);
});

test("a caller who was refused does not keep the others out", async () => {
  await using webhook = await startTestWebhook();
  const start = "/run-task/development/flytesnacks/allowed.main";
  webhook.stub.failures.set("selectCluster", new ConnectError("no", Code.PermissionDenied));
  const refused = await createCaller(webhook.url, "key-of-bob").post(start, { x: 1 });
  expect(refused.status).toBe(403);
  webhook.stub.failures.clear();
  const started = await createCaller(webhook.url, "key-of-alice").post(start, { x: 1 });
  expect(started.status).toBe(200);
});

test("every call made for a request carries that request's credential alone", async () => {
  await using webhook = await startTestWebhook();
  const start = "/run-task/development/flytesnacks/allowed.main";
  const callers = Array.from({ length: 40 }, (_, index) => `key-${index}`);
  await Promise.all(
    callers.map(async (key) => {
      const caller = createCaller(webhook.url, key);
      expect((await caller.get("/me")).body.subject).toBe(`Bearer ${key}`);
      expect((await caller.post(start, { x: 1 })).status).toBe(200);
      expect((await caller.get("/run/run-of-allowed/io")).status).toBe(200);
    }),
  );
  for (const method of ["userInfo", "listTasks", "getTaskDetails", "createRun", "getActionData"]) {
    const seen = webhook.stub.calls.filter((call) => call.method === method);
    expect(seen.map(({ authorization }) => authorization).sort()).toEqual(
      callers.map((key) => `Bearer ${key}`).sort(),
    );
  }
});
