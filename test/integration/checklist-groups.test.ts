import { expect, test } from "vitest";
import type { EndpointGroup } from "../../src/webhook/endpoint.ts";
import { createCaller } from "../support/http.ts";
import { startTestWebhook } from "../support/webhook.ts";

const groups: Readonly<Record<Exclude<EndpointGroup, "all">, readonly string[]>> = {
  ops: ["GET /ready", "GET /metrics"],
  core: ["GET /health", "GET /me"],
  task: ["POST /run-task/{domain}/{project}/{name}", "GET /task/{domain}/{project}/{name}"],
  run: ["GET /run/{name}", "GET /run/{name}/io", "POST /run/{name}/abort"],
  app: [
    "GET /app/{name}",
    "POST /app/{name}/activate",
    "POST /app/{name}/deactivate",
    "POST /app/{name}/call",
  ],
  trigger: [
    "POST /trigger/{task_name}/{trigger_name}/activate",
    "POST /trigger/{task_name}/{trigger_name}/deactivate",
  ],
  build: ["POST /build-image"],
  prefetch: [
    "POST /prefetch/hf-model",
    "GET /prefetch/hf-model/{run_name}",
    "GET /prefetch/hf-model/{run_name}/io",
    "POST /prefetch/hf-model/{run_name}/abort",
  ],
  wait: ["POST /run-task-and-wait/{domain}/{project}/{name}"],
  fire: ["POST /trigger/{task_name}/{trigger_name}/fire"],
  rerun: ["POST /run/{name}/rerun"],
  batch: ["POST /run-tasks"],
  list: ["GET /runs", "GET /tasks", "GET /apps", "GET /triggers"],
  signal: [
    "GET /run/{name}/conditions",
    "POST /run/{name}/condition/{condition}/signal",
    "POST /run/{name}/condition/{condition}/links",
  ],
  live: ["GET /run/{name}/events", "GET /run/{name}/logs"],
  inspect: [
    "GET /inspect",
    "POST /inspect/decision",
    "GET /inspect/deliveries",
    "POST /inspect/deliveries/{hook}/{request_id}/replay",
    "GET /inspect/audit",
  ],
};
const all = Object.values(groups).flat();
const forNobody = ["GET /health", "GET /ready", "GET /metrics"];

test.each(Object.keys(groups) as (keyof typeof groups)[])(
  "a webhook of the group %s has its endpoints, its documentation and nothing else",
  async (group) => {
    await using webhook = await startTestWebhook({ endpointGroups: [group] });
    const caller = createCaller(webhook.url, "key");
    for (const endpoint of all) {
      const [method, path = ""] = endpoint.split(" ");
      // A slash in a name is refused by every endpoint there is, before it does anything.
      const hostile = path.replaceAll(/\{\w+\}/g, "a%2Fb");
      const send = method === "GET" ? caller.get : caller.post;
      const { code } = (await send(hostile)).body;
      const served = groups[group].includes(endpoint);
      expect(`${endpoint} ${code !== "endpoint_not_found"}`).toBe(`${endpoint} ${served}`);
    }
    const { paths } = (await caller.get("/openapi.json")).body;
    const listed = Object.entries<object>(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed.sort()).toEqual([...groups[group]].sort());
    for (const page of ["/docs", "/redoc"]) expect((await caller.get(page)).status).toBe(200);
  },
);

test("the groups hold two, two, three, four, two, one and four endpoints: all eighteen", async () => {
  const { core, task, run, app, trigger, build, prefetch, ...added } = groups;
  const original = [core, task, run, app, trigger, build, prefetch];
  expect(original.map(({ length }) => length)).toEqual([2, 2, 3, 4, 2, 1, 4]);
  expect([added.fire.length, added.signal.length, added.wait.length]).toEqual([1, 3, 1]);
  await using webhook = await startTestWebhook({ endpointGroups: ["all"] });
  const { paths } = (await createCaller(webhook.url).get("/openapi.json")).body;
  expect(Object.values<object>(paths).flatMap(Object.keys)).toHaveLength(18);
});

test("health and the documentation answer without a credential, and nothing else does", async () => {
  await using webhook = await startTestWebhook();
  const nobody = createCaller(webhook.url);
  for (const path of ["/health", "/ready", "/metrics", "/docs", "/openapi.json", "/redoc"]) {
    expect(`${path} ${(await nobody.get(path)).status}`).toBe(`${path} 200`);
  }
  for (const endpoint of all.filter((one) => !forNobody.includes(one))) {
    const [method, path = ""] = endpoint.split(" ");
    const target = path.replaceAll(/\{\w+\}/g, "some-name");
    const answer = await (method === "GET" ? nobody.get(target) : nobody.post(target, {}));
    expect(`${endpoint} ${answer.status}`).toBe(`${endpoint} 401`);
  }
  expect(webhook.stub.takeMethods()).toEqual(["listTasks"]); // It is ready: the control plane is there.
});
