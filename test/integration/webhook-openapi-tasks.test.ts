import { fromJson } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { TypedInterfaceSchema } from "../../src/idl/literals.ts";
import { TaskService } from "../../src/idl/tasks.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { createCaller } from "../support/http.ts";
import { openApiFaults } from "../support/open-api-faults.ts";
import { type StubControlPlane, startStub } from "../support/scripted-control-plane.ts";

const inner = { type: "object", properties: { y: { type: "integer" } } };
/** A struct whose schema refers to itself and to nothing. */
const struct = {
  type: "object",
  title: "Point",
  properties: {
    inner: { $ref: "#/$defs/In~1ner" },
    others: { type: "array", items: { $ref: "#/$defs/In~1ner" } },
    lost: { $ref: "#/$defs/Gone", description: "kept" },
    far: { $ref: "https://evil.example/schema.json" },
  },
  $defs: { "In/ner": inner },
};

function interfaceOf(name: string) {
  const simple = name.startsWith("stats") ? "FLOAT" : "INTEGER";
  const variables = [
    { key: "x", value: { type: { simple }, description: `of ${name}` } },
    { key: "p", value: { type: { collectionType: { simple: "STRUCT", metadata: struct } } } },
  ];
  return fromJson(TypedInterfaceSchema, {
    inputs: { variables: name.startsWith("structs") ? variables : variables.slice(0, 1) },
  });
}

async function start(
  options: Partial<WebhookOptions>,
  beforeAnswer: () => Promise<void> = async () => {},
): Promise<{ readonly url: string; readonly stub: StubControlPlane }> {
  const stub = await startStub((router) => {
    router.service(TaskService, {
      listTasks: ({ request }) => {
        const name = request?.filters[0]?.values[0] ?? "";
        return { tasks: name.startsWith("absent") ? [] : [{ taskId: { name, version: "v9" } }] };
      },
      getTaskDetails: async ({ taskId }, { requestHeader }) => {
        await beforeAnswer();
        const name = taskId?.name ?? "";
        const bob = requestHeader.get("authorization") === "Bearer bob";
        if (name.startsWith("secret") && bob) throw new ConnectError("no", Code.PermissionDenied);
        if (name.startsWith("down")) throw new ConnectError("inside 10.0.0.3", Code.Unavailable);
        const taskTemplate = { type: "python", interface: interfaceOf(name) };
        return { details: { ...(taskId && { taskId }), spec: { taskTemplate } } };
      },
    });
  });
  const controlPlane = createControlPlane({
    endpoint: stub.url,
    project: "flytesnacks",
    domain: "development",
    retries: 0,
  });
  const app = createWebhook({ name: "test", typedOperations: true, ...options, controlPlane });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  onTestFinished(async () => {
    await app.close();
    await controlPlane.close();
  });
  return { url, stub };
}

const typed = "/openapi.json?tasks=true";
const named = ["production/etl/stats.main", "staging/etl/secret.main", "etl/short", "shorter"];

describe("the operations of tasks", () => {
  test("are made of the live interfaces of the tasks named in full, and of no others", async () => {
    const { url, stub } = await start({ taskAllowlist: named });
    const { status, body, headers } = await createCaller(url, "alice").get(typed);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(openApiFaults(body)).toEqual([]);
    const paths = Object.keys(body.paths).filter((path) => /^\/run-task\/[^{]/.test(path));
    expect(paths).toEqual([
      "/run-task/production/etl/stats.main",
      "/run-task/staging/etl/secret.main",
    ]);
    const operation = body.paths["/run-task/production/etl/stats.main"].post;
    expect(operation.operationId).toBe("run_production_etl_stats_main");
    expect(operation.requestBody).toEqual({
      required: true,
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: {
              x: { type: "number", format: "float", description: "of stats.main" },
            },
            required: ["x"],
          },
        },
      },
    });
    const general = body.paths["/run-task/{domain}/{project}/{name}"].post;
    expect(operation.responses).toEqual(general.responses);
    const outsidePath = general.parameters.filter((one: { in: string }) => one.in !== "path");
    expect(operation.parameters).toEqual(outsidePath);
    expect(body["x-flyte-unavailable-tasks"]).toEqual([]);
    const sent = stub.calls.map((call) => call.headers.authorization);
    expect(new Set(sent)).toEqual(new Set(["Bearer alice"]));
  });

  test("are those the caller may see, for each caller anew", async () => {
    const { url } = await start({ taskAllowlist: named });
    const secret = "/run-task/staging/etl/secret.main";
    const [alice, bob] = [createCaller(url, "alice"), createCaller(url, "bob")];
    expect((await alice.get(typed)).body.paths[secret]).toBeDefined();
    const { status, body } = await bob.get(typed);
    expect(status).toBe(200);
    expect(body.paths[secret]).toBeUndefined();
    expect(JSON.stringify(body)).not.toContain("of secret.main");
    expect(body["x-flyte-unavailable-tasks"]).toEqual([
      { task: "staging/etl/secret.main", code: "permission_denied" },
    ]);
    expect((await alice.get(typed)).body.paths[secret]).toBeDefined();
  });

  test("leave out what cannot be read, each for its own reason and without the text of it", async () => {
    const taskAllowlist = ["a/b/absent", "a/b/down", "a/b/stats"];
    const { url } = await start({ taskAllowlist });
    const { status, body } = await createCaller(url, "alice").get(typed);
    expect(status).toBe(200);
    expect(body["x-flyte-unavailable-tasks"]).toEqual([
      { task: "a/b/absent", code: "not_found" },
      { task: "a/b/down", code: "unavailable" },
    ]);
    expect(body.paths["/run-task/a/b/stats"]).toBeDefined();
    expect(JSON.stringify(body)).not.toContain("10.0.0.3");
  });

  test("keep references within the types of their inputs, at their new place", async () => {
    const { url } = await start({ taskAllowlist: ["a/b/structs of é"] });
    const { body } = await createCaller(url, "alice").get(typed);
    expect(openApiFaults(body)).toEqual([]);
    const path = "/run-task/a/b/structs%20of%20%C3%A9";
    const { schema } = body.paths[path].post.requestBody.content["application/json"];
    const { properties, $defs } = schema.properties.p.items;
    expect($defs).toEqual({ "In/ner": inner });
    expect(properties.inner.$ref).toMatch(/^#\/paths\/.*\/properties\/p\/items\/%24defs\/In~1ner$/);
    expect(properties.others.items).toEqual(properties.inner);
    expect(properties.lost).toEqual({ description: "kept" });
    expect(properties.far).toEqual({});
  });

  test("have ids of their own where names differ in signs only", async () => {
    const { url } = await start({ taskAllowlist: ["a/b/c.d", "a/b/c-d", "a/b/c_d", "a/b/c.d"] });
    const { body } = await createCaller(url, "alice").get(typed);
    expect(openApiFaults(body)).toEqual([]);
    const ids = ["c.d", "c-d", "c_d"].map(
      (name) => body.paths[`/run-task/a/b/${name}`].post.operationId,
    );
    expect(ids).toEqual(["run_a_b_c_d", "run_a_b_c_d__2", "run_a_b_c_d__3"]);
  });

  test("are not there when tasks cannot be run here", async () => {
    const options = { taskAllowlist: named, endpointGroups: ["core", "run"] } as const;
    const { url, stub } = await start(options);
    const { body } = await createCaller(url, "alice").get(typed);
    expect(Object.keys(body.paths).some((path) => path.startsWith("/run-task"))).toBe(false);
    expect(openApiFaults(body)).toEqual([]);
    expect(stub.calls).toEqual([]);
  });
});

describe("the operations of a hundred tasks", () => {
  const taskAllowlist = Array.from({ length: 100 }, (_, index) => `a/b/task-${index}`);

  /** A webhook whose control plane holds its answers back until `release`. */
  async function startHeld() {
    const held = { count: 0, release: () => {}, full: () => {} };
    const released = new Promise<void>((resolve) => Object.assign(held, { release: resolve }));
    const eight = new Promise<void>((resolve) => Object.assign(held, { full: resolve }));
    const { url } = await start({ taskAllowlist }, () => {
      held.count += 1;
      if (held.count === 8) held.full();
      return released;
    });
    onTestFinished(held.release);
    /** Long enough for everything that was sent to have arrived. */
    const turns = async () => {
      for (let turn = 0; turn < 20; turn += 1) await createCaller(url, "bob").get("/me");
    };
    return { url, held, eight, turns };
  }

  test("are read eight at a time, and stay in order", async () => {
    const { url, held, eight, turns } = await startHeld();
    const answer = createCaller(url, "alice").get(typed);
    await eight;
    await turns();
    expect(held.count).toBe(8);
    held.release();
    const { body } = await answer;
    const paths = Object.keys(body.paths).filter((path) => path.startsWith("/run-task/a/b/"));
    expect(paths).toEqual(taskAllowlist.map((name) => `/run-task/${name}`));
    expect(held.count).toBe(100);
  });

  test("are read no further for a caller who has gone away", async () => {
    const { url, held, eight, turns } = await startHeld();
    const leaving = new AbortController();
    const headers = { authorization: "Bearer alice" };
    const answer = fetch(`${url}${typed}`, { headers, signal: leaving.signal });
    await eight;
    leaving.abort();
    await expect(answer).rejects.toThrow();
    await turns();
    held.release();
    await turns();
    expect(held.count).toBe(8);
  });
});

describe("the question for the operations of tasks", () => {
  const table: readonly (readonly [
    name: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    status: number,
  ])[] = [
    ["without a credential", typed, {}, 401],
    ["with an empty one", typed, { authorization: "Bearer" }, 401],
    ["with a word that is neither true nor false", "/openapi.json?tasks=yes", {}, 422],
    ["asked twice", "/openapi.json?tasks=true&tasks=true", { authorization: "Bearer a" }, 422],
    ["denied, without a credential", "/openapi.json?tasks=false", {}, 200],
    ["not asked, without a credential", "/openapi.json", {}, 200],
  ];
  for (const [name, path, headers, status] of table) {
    test(`is ${status} ${name}, and nobody is asked`, async () => {
      const { url, stub } = await start({ taskAllowlist: named });
      const answer = await fetch(`${url}${path}`, { headers });
      expect(answer.status).toBe(status);
      if (status === 401) expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect(await answer.text()).not.toContain("stats.main");
      expect(stub.calls).toEqual([]);
    });
  }

  test("means nothing unless the operator wants it", async () => {
    const { url, stub } = await start({ taskAllowlist: named, typedOperations: false });
    const answer = await fetch(`${url}${typed}`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toContain("x-flyte-unavailable-tasks");
    expect(stub.calls).toEqual([]);
  });

  test("needs a credential like all of a protected documentation", async () => {
    const { url } = await start({ taskAllowlist: named, docs: "protected" });
    expect((await fetch(`${url}/openapi.json`)).status).toBe(401);
    expect((await fetch(`${url}${typed}`)).status).toBe(401);
    const { body } = await createCaller(url, "alice").get(typed);
    expect(body["x-flyte-unavailable-tasks"]).toEqual([]);
  });
});
