import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { ActionsService } from "../../src/idl/actions.ts";
import { DataProxyService } from "../../src/idl/data-proxy.ts";
import type { Run } from "../../src/idl/runs.ts";
import { RunService } from "../../src/idl/runs.ts";
import { SecretService } from "../../src/idl/secrets.ts";
import { SignalService } from "../../src/idl/signals.ts";
import { TaskService } from "../../src/idl/tasks.ts";
import { enqueueCondition, yes } from "../support/conditions.ts";
import { actionOf, codeOf, connect, type DevboxClient, runIdOf } from "../support/devbox-client.ts";
import { createCaller } from "../support/http.ts";

let devbox: Devbox;
let alice: DevboxClient;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "task-token-"));
  devbox = await startDevbox({ state: "memory", port: 0 });
  alice = connect(devbox, "alice");
});

afterAll(async () => {
  await devbox?.close();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;

/** A run that goes on, and the token that its task got. */
async function running(
  retries = 0,
): Promise<{ readonly run: Run; readonly tokens: () => Promise<string[]> }> {
  count += 1;
  const file = join(folder, `tokens-${count}`);
  // The first attempt of a task with retries fails, and the next goes on.
  const script = `echo "$FLYTE_TASK_TOKEN" >> "${file}"; [ "$FLYTE_ATTEMPT_NUMBER" = "${retries}" ] || exit 1; sleep 1000`;
  const task = await alice.deployScript(`token-${count}`, script, { retries });
  const run = await alice.start(task);
  onTestFinished(async () => {
    await alice.runs.abortRun({ runId: runIdOf(run) });
  });
  const tokens = async () =>
    (await readFile(file, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  await expect.poll(async () => (await tokens()).length).toBe(retries + 1);
  return { run, tokens };
}

function as(token: string) {
  const transport = createConnectTransport({
    baseUrl: devbox.url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${token}`);
        return next(request);
      },
    ],
  });
  return {
    runs: createClient(RunService, transport),
    actions: createClient(ActionsService, transport),
    signals: createClient(SignalService, transport),
    data: createClient(DataProxyService, transport),
    tasks: createClient(TaskService, transport),
    secrets: createClient(SecretService, transport),
  };
}

test("the token of a task reads its own run and starts what is below it, and does nothing else", async () => {
  const [own, other] = [await running(), await running()];
  const [token = ""] = await own.tokens();
  expect(token).toMatch(/^fwa_\d+_1_[\w-]{43}$/);
  const task = as(token);
  await enqueueCondition(task as unknown as DevboxClient, own.run);
  const { details } = await task.runs.getRunDetails({ runId: runIdOf(own.run) });
  expect(details?.action?.metadata?.executedBy?.principal.value?.id?.subject).toBe("alice");

  const id = { project: "flytesnacks", domain: "development" };
  const denied = await Promise.all(
    [
      task.runs.getRunDetails({ runId: runIdOf(other.run) }),
      task.runs.abortRun({ runId: runIdOf(other.run) }),
      enqueueCondition(task as unknown as DevboxClient, other.run),
      task.runs.createRun({
        id: { case: "projectId", value: { name: id.project, domain: id.domain } },
        task: { case: "taskId", value: { ...id, name: "token-1", version: "v1" } },
      }),
      task.tasks.getTaskDetails({ taskId: { ...id, name: "token-1", version: "v1" } }),
      task.tasks.deployTask({ taskId: { ...id, name: "x", version: "v1" }, spec: {} }),
      task.secrets.getSecret({ id: { ...id, name: "x" } }),
      task.data.createUploadLocation({ ...id, filename: "x", contentMd5: new Uint8Array(16) }),
    ].map(codeOf),
  );
  expect(denied).toEqual(denied.map(() => "PermissionDenied"));
  expect((await task.runs.listRuns({})).runs).toEqual([]);
  const keys = await createCaller(devbox.url, token).post("/devbox/v1/api-keys", {
    name: "k",
    user: "alice",
  });
  expect(keys.status).toBe(403);
});

test("a task cannot signal what its own run waits for", async () => {
  const { run, tokens } = await running();
  const [token = ""] = await tokens();
  const actionId = await enqueueCondition(alice, run);
  const signal = as(token).signals.signalEvent({ actionId, payload: { value: yes } });
  await expect(signal).rejects.toThrow("A task cannot signal conditions of its own run.");
  expect(await codeOf(as(token).actions.signal({ actionId }))).toBe("PermissionDenied");
});

test("a token ends with its attempt, and with the run", async () => {
  const { run, tokens } = await running(1);
  const [first = "", second = ""] = await tokens();
  const read = (token: string) => codeOf(as(token).runs.getRunDetails({ runId: runIdOf(run) }));
  await expect.poll(() => read(first)).toBe("Unauthenticated");
  expect(await read(second)).toBe("none");
  await alice.runs.abortRun({ runId: runIdOf(run) });
  expect(await read(second)).toBe("Unauthenticated");
});

test("a token that is changed, of another action or of another devbox is no credential", async () => {
  const { run, tokens } = await running();
  const [token = ""] = await tokens();
  const read = (text: string) => codeOf(as(text).runs.getRunDetails({ runId: runIdOf(run) }));
  const [, action = "", attempt = "", proof = ""] = token.split("_");
  const last = proof.at(-1) === "A" ? "B" : "A";
  for (const bad of [
    `fwa_${Number(action) + 1}_${attempt}_${proof}`,
    `fwa_${action}_${Number(attempt) + 1}_${proof}`,
    `fwa_${action}_${attempt}_${last}${proof.slice(1)}`,
    `fwa_${action}_${attempt}_`,
    `fwt_${action}_${attempt}_${proof}`,
  ]) {
    expect(await read(bad)).toBe("Unauthenticated");
  }
  await using elsewhere = await startDevbox({ state: "memory", port: 0 });
  const answer = await fetch(`${elsewhere.url}/flyteidl2.workflow.RunService/GetRunDetails`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: "{}",
  });
  expect(answer.status).toBe(401);
});

test("the action of another run cannot be made a child, nor files of another run its inputs", async () => {
  const [own, other] = [await running(), await running()];
  const [token = ""] = await own.tokens();
  const { details } = await alice.runs.getRunDetails({ runId: runIdOf(other.run) });
  const uris = await alice.runs.getActionDataURIs({ actionId: actionOf(other.run) });
  const spec = details?.action?.spec;
  if (spec?.case !== "task") throw new Error("the run has no task");
  const enqueue = (inputUri: string) =>
    codeOf(
      as(token).actions.enqueue({
        action: {
          actionId: { ...actionOf(own.run), name: "child" },
          parentActionName: "a0",
          inputUri,
          spec: { case: "task", value: { spec: spec.value } },
        },
      }),
    );
  expect(await enqueue(uris.inputsUri)).toBe("InvalidArgument");
  expect(await enqueue("file:///etc/passwd")).toBe("InvalidArgument");
  expect(await enqueue("")).toBe("InvalidArgument");
});
