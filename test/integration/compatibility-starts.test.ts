import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { ControlPlaneStub } from "../support/control-plane-stub.ts";
import { createCaller } from "../support/http.ts";

const path = "/run-task/development/flytesnacks/allowed.main";

let stub: ControlPlaneStub;

beforeAll(async () => {
  stub = await ControlPlaneStub.start();
});

afterAll(() => stub[Symbol.asyncDispose]());

afterEach(() => stub.reset());

/** Starts a run through a webhook whose client tries reads again, in the given mode. */
async function start(compat: "upstream" | undefined, inputs: unknown) {
  const scope = { project: "flytesnacks", domain: "development" };
  const controlPlane = createControlPlane({ endpoint: stub.url, ...scope, retries: 3 });
  const mode = compat === undefined ? {} : { compat };
  const webhook = createWebhook({ name: "starter", controlPlane, ...mode });
  try {
    const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
    return await createCaller(url, "key").post(path, inputs);
  } finally {
    await webhook.close();
    await controlPlane.close();
  }
}

const codes = [
  Code.Unavailable,
  Code.Internal,
  Code.ResourceExhausted,
  Code.Unknown,
  Code.Unauthenticated,
];

for (const compat of [undefined, "upstream"] as const) {
  const mode = compat === undefined ? "in the default mode" : "like upstream";

  test.each(codes)(`a start that fails with code %i is not made again, ${mode}`, async (code) => {
    stub.failures.set("createRun", new ConnectError("no", code));
    const { status } = await start(compat, { x: 1 });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(stub.takeMethods().filter((method) => method === "createRun")).toEqual(["createRun"]);
  });

  test(`inputs may have the names that Python functions have for themselves, ${mode}`, async () => {
    const inputs = { self: "a", task: "b", obj: "c", version: "d" };
    stub.tasks.inputs.set("allowed.main", Object.keys(inputs));
    expect((await start(compat, inputs)).status).toBe(200);
    expect(stub.takeMethods()).toContain("createRun");
  });

  test(`a run gets no variables of this process, ${mode}`, async () => {
    expect((await start(compat, { x: 1 })).status).toBe(200);
    expect(stub.runs.created.map(({ runSpec }) => runSpec?.envs?.values)).toEqual([[]]);
  });

  test(`an unknown input starts nothing, ${mode}`, async () => {
    const { status, body } = await start(compat, { x: 1, y: 2 });
    expect(status).toBe(compat === undefined ? 400 : 500);
    expect(body.detail).toContain("y");
    expect(stub.takeMethods()).not.toContain("uploadInputs");
  });
}
