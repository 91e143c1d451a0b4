import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import { createConnectTransport } from "../../src/client/connect-transport.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/start-devbox.ts";
import { OutputsSchema, TaskService } from "../../src/idl/tasks.ts";

const scope = { project: "flytesnacks", domain: "development" };
const integer = { type: { type: { case: "simple" as const, value: 1 } }, description: "" };

/** What the task `answer` always answers: an integer beyond 2^53. */
const outputs = toBinary(
  OutputsSchema,
  create(OutputsSchema, {
    literals: [
      {
        name: "o0",
        value: {
          value: {
            case: "scalar",
            value: {
              value: {
                case: "primitive",
                value: { value: { case: "integer", value: 9007199254740993n } },
              },
            },
          },
        },
      },
    ],
  }),
);
const writeOutputs = `require("node:fs").writeFileSync(new URL(process.argv[1] + "/outputs.pb"), Buffer.from("${Buffer.from(outputs).toString("base64")}", "base64"))`;

const scripts: Readonly<Record<string, string>> = {
  answer: `console.log("working"); ${writeOutputs}`,
  sleep: "setInterval(() => {}, 1000); console.log('asleep')",
  crash: "console.error('about to fail'); process.exit(3)",
};

let devbox: Devbox;
let flyte: ControlPlane;

async function deploy(name: string, script: string): Promise<void> {
  const transport = createConnectTransport({
    baseUrl: devbox.url,
    tls: {},
    maxResponseBytes: 1_000_000,
    maxConnections: 1,
  });
  const headers = { authorization: `Bearer ${devbox.keys["alice"]}` };
  const taskId = { org: "", ...scope, name, version: "v1" };
  await createClient(TaskService, transport).deployTask(
    {
      taskId,
      spec: {
        shortName: name,
        taskTemplate: {
          id: { ...taskId },
          type: "container",
          interface: {
            inputs: { variables: [{ key: "x", value: integer }] },
            outputs: { variables: [{ key: "o0", value: integer }] },
          },
          target: {
            case: "container",
            value: { args: [process.execPath, "-e", script, "{{.outputPrefix}}"] },
          },
        },
      },
    },
    { headers },
  );
  await transport.close();
}

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  flyte = createControlPlane({
    endpoint: devbox.url,
    ...scope,
    authenticator: bearerAuthenticator(devbox.keys["alice"] ?? ""),
  });
  await Promise.all(Object.entries(scripts).map(([name, script]) => deploy(name, script)));
});

afterAll(async () => {
  await flyte?.close();
  await devbox?.close();
});

test("the latest version is found, and what it takes", async () => {
  const task = await flyte.tasks.get({ name: "answer" });
  expect(task).toMatchObject({ ...scope, name: "answer", version: "v1", requiredInputs: ["x"] });
  const names = (await flyte.tasks.list()).map(({ name }) => name);
  expect(names.sort()).toEqual(["answer", "crash", "sleep"]);
});

test("a run is watched to its end and its data is read back", async () => {
  const started = await flyte.runs.start({ name: "answer" }, { x: 7 });
  const phases: string[] = [];
  for await (const { phase } of flyte.runs.watch(started)) phases.push(phase);
  expect(phases.at(-1)).toBe("succeeded");
  const { status, inputs, outputs } = await flyte.runs.io(started);
  expect(status).toMatchObject({ phase: "succeeded", done: true, owner: started.owner });
  expect({ inputs, outputs }).toEqual({ inputs: { x: 7 }, outputs: { o0: 9007199254740993n } });
  const lines: string[] = [];
  for await (const { message } of flyte.runs.logs(started)) lines.push(message);
  expect(lines.join("\n")).toContain("working");
  expect((await flyte.runs.list()).map(({ name }) => name)).toContain(started.name);
});

test("waiting on a run that fails tells why, and it has no outputs", async () => {
  const started = await flyte.runs.start({ name: "crash" }, { x: 1 });
  const ended = await flyte.runs.wait(started);
  expect(ended.phase).toBe("failed");
  expect(ended.error?.message).not.toBe("");
  expect(await flyte.runs.io(started)).toMatchObject({ inputs: { x: 1 }, outputs: null });
});

test("a running run is aborted for the reason given", async () => {
  const started = await flyte.runs.start({ name: "sleep" }, { x: 1 });
  for await (const { phase } of flyte.runs.watch(started)) if (phase === "running") break;
  expect((await flyte.runs.io(started)).outputs).toBeNull();
  await flyte.runs.abort(started, "not needed");
  const ended = await flyte.runs.wait(started);
  expect(ended).toMatchObject({ phase: "aborted", abortReason: "not needed" });
});

test("a wait ends with its time limit and leaves the run alone", async () => {
  const started = await flyte.runs.start({ name: "sleep" }, { x: 1 });
  const waiting = flyte.runs.wait(started, { timeoutMs: 300 });
  await expect(waiting).rejects.toMatchObject({ code: "deadline_exceeded" });
  expect((await flyte.runs.get(started)).done).toBe(false);
  await flyte.runs.abort(started);
});

test("starting twice under one name starts one run", async () => {
  const once = await flyte.runs.start({ name: "answer" }, { x: 1 }, { name: "nightly" });
  const twice = await flyte.runs.start({ name: "answer" }, { x: 1 }, { name: "nightly" });
  expect([once.name, twice.name]).toEqual(["nightly", "nightly"]);
  await flyte.runs.wait(once);
  const other = flyte.runs.start({ name: "crash" }, { x: 1 }, { name: "nightly" });
  await expect(other).rejects.toMatchObject({ code: "conflict" });
});

test("the caller's credential decides", async () => {
  expect((await flyte.users.me()).subject).toBe("alice");
  const bob = { auth: [["authorization", `Bearer ${devbox.keys["bob"]}`]] as const };
  expect((await flyte.users.me(bob)).subject).toBe("bob");
  const nobody = { auth: [["authorization", "Bearer wrong"]] as const };
  await expect(flyte.users.me(nobody)).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a 64-bit integer comes back exact", async () => {
  const started = await flyte.runs.start({ name: "answer" }, { x: -9223372036854775808n });
  expect((await flyte.runs.io(started)).inputs).toEqual({ x: -9223372036854775808n });
  await flyte.runs.wait(started);
});
