import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { connect } from "../support/devbox-client.ts";
import { type Caller, createCaller } from "../support/http.ts";
import { addStateUsers } from "../support/state-users.ts";

/** Stories 13, 14 and 27 of docs/stories.md: several who share a webhook, and nothing else. */
const domain = "development";
const tasks = ["orders.place", "orders.secret"] as const;
let folder: string;
let devbox: Devbox;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flyte-webhook-tenants-"));
  const role = (project: string) => ({ project, domain, name: "contributor" }) as const;
  const keys = await addStateUsers(folder, [
    { subject: "ann", role: role("team-a") },
    { subject: "ben", role: role("team-b") },
  ]);
  const started = await startDevbox({ state: folder, port: 0 });
  devbox = { ...started, keys: { ...started.keys, ...keys } };
  const alice = connect(devbox, "alice");
  const variable = { type: { type: { case: "simple" as const, value: 3 } }, description: "" };
  for (const project of ["team-a", "team-b"]) {
    for (const name of tasks) {
      await alice.tasks.deployTask({
        taskId: { project, domain, name, version: "v1" },
        spec: {
          environment: { name: "orders" },
          taskTemplate: {
            type: "shell",
            interface: { inputs: { variables: [{ key: "order", value: variable }] } },
            target: { case: "container", value: { args: ["true"] } },
          },
        },
      });
    }
  }
});

afterAll(async () => {
  await devbox?.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

async function webhook(options: Partial<WebhookOptions>) {
  const scope = { project: "team-a", domain };
  const controlPlane = createControlPlane({ endpoint: devbox.url, ...scope, retries: 0 });
  const app = createWebhook({ name: "shared", runScope: "task", ...options, controlPlane });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return {
    url,
    as: (user?: string): Caller =>
      createCaller(url, user === undefined ? undefined : devbox.keys[user]),
    async [Symbol.asyncDispose]() {
      await app.close();
      await controlPlane.close();
    },
  };
}

test("users of a product, many at once: each has their own runs and sees no others", async () => {
  await using shared = await webhook({ endpointGroups: ["task", "run", "live", "list"] });
  const users = [
    ["ann", "team-a"],
    ["ben", "team-b"],
  ] as const;
  const asked = Array.from({ length: 100 }, (_, index) => users[index % 2] ?? users[0]);
  const started = await Promise.all(
    asked.map(async ([user, project], index) => {
      const path = `/run-task/${domain}/${project}/orders.place`;
      const { body } = await shared.as(user).post(path, { order: `${user} ${index}` });
      return { user, project, name: String(body.name) };
    }),
  );
  for (const [user, project] of users) {
    const { body } = await shared.as("alice").get(`/runs?project=${project}&limit=200`);
    const own = started.filter((run) => run.user === user).map(({ name }) => name);
    const listed = body.runs as readonly { readonly name: string; readonly owner: string }[];
    expect(new Set(listed.map(({ owner }) => owner))).toEqual(new Set([user]));
    expect(listed.map(({ name }) => name).toSorted()).toEqual(own.toSorted());
  }
  const bens = started.find(({ user }) => user === "ben")?.name ?? "";
  const place = `project=team-b&domain=${domain}`;
  const ann = shared.as("ann");
  const tried = [
    await ann.get(`/run/${bens}`),
    await ann.get(`/run/${bens}?${place}`),
    await ann.get(`/run/${bens}/io?${place}`),
    await ann.get(`/run/${bens}/events?${place}`),
    await ann.get(`/run/${bens}/logs?${place}`),
    await ann.post(`/run/${bens}/abort?${place}`),
    await ann.post(`/run-task/${domain}/team-b/orders.place`, { order: "1" }),
  ];
  expect(tried.map(({ status }) => status)).toEqual([404, 403, 403, 403, 403, 403, 403]);
  expect((await shared.as("ben").get(`/run/${bens}?${place}`)).status).toBe(200);
});

describe("a partner with a key of one project", () => {
  const only = {
    endpoints: ["me", "run_task", "get_run", "get_run_io"],
    taskAllowlist: [`${domain}/team-a/orders.place`],
    typedOperations: true,
    docs: "protected",
  } as const;
  const start = `/run-task/${domain}/team-a`;

  test("starts the one task and reads its runs", async () => {
    await using door = await webhook(only);
    const ann = door.as("ann");
    const { status, body } = await ann.post(`${start}/orders.place`, { order: "4711" });
    expect(status).toBe(200);
    expect((await ann.get(`/run/${body.name}`)).body).toMatchObject({ name: body.name });
    expect((await ann.get(`/run/${body.name}/io`)).body.inputs).toEqual({ order: "4711" });
  });

  test("is refused every other task, every other run and every other endpoint", async () => {
    await using door = await webhook(only);
    await using inside = await webhook({});
    const others = await inside.as("alice").post(`${start}/orders.secret`, { order: "1" });
    const ann = door.as("ann");
    expect(await ann.post(`${start}/orders.secret`, { order: "1" })).toMatchObject({
      status: 403,
      body: {
        code: "not_allowlisted",
        detail: `Task ${domain}/team-a/orders.secret is not in the allowlist`,
      },
    });
    const foreign = await ann.get(`/run/${others.body.name}`);
    const absent = await ann.get("/run/absent");
    expect([foreign.status, foreign.body.detail]).toEqual([
      404,
      `Run ${others.body.name} not found`,
    ]);
    expect(absent.body.detail).toBe("Run absent not found");
    const abort = await ann.post(`/run/${others.body.name}/abort`);
    expect(abort).toMatchObject({
      status: 404,
      body: {
        code: "endpoint_not_found",
        hint: "No endpoint that is served here has this address.",
      },
    });
    expect(await ann.get(`${start}/orders.place`)).toMatchObject({
      status: 405,
      body: { code: "method_not_allowed", hint: "This address is asked with POST." },
    });
  });

  test("finds in the documentation what they may call, and nobody else finds any", async () => {
    await using door = await webhook(only);
    const { body } = await door.as("ann").get("/openapi.json?tasks=true");
    expect(Object.keys(body.paths).toSorted()).toEqual([
      "/me",
      `${start}/orders.place`,
      "/run-task/{domain}/{project}/{name}",
      "/run/{name}",
      "/run/{name}/io",
    ]);
    expect((await door.as().get("/openapi.json")).status).toBe(401);
    // Who may not see the task in Flyte does not see it here.
    const ofBen = await door.as("ben").get("/openapi.json?tasks=true");
    expect(Object.keys(ofBen.body.paths)).not.toContain(`${start}/orders.place`);
  });
});

test("who has a token of client credentials needs no API key, and who has none is refused", async () => {
  await using shared = await webhook({ endpointGroups: ["core", "task", "list"] });
  const made = await createCaller(devbox.url, devbox.keys["alice"]).post("/devbox/v1/api-keys", {
    ...{ name: "ci", user: "ci-service", role: "contributor" },
  });
  const { clientId, clientSecret } = made.body;
  const granted = await fetch(`${devbox.url}/oauth2/token`, {
    method: "POST",
    body: new URLSearchParams({
      ...{ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret },
    }),
  });
  const { access_token: token } = (await granted.json()) as { readonly access_token: string };
  const service = createCaller(shared.url, token);
  expect((await service.get("/me")).body).toMatchObject({ subject: "ci-service" });
  const path = `/run-task/${domain}/team-a/orders.place`;
  const { body } = await service.post(path, { order: "1" });
  const { body: listed } = await service.get("/runs?owner=ci-service");
  expect(listed.runs).toMatchObject([{ name: body.name, owner: "ci-service" }]);
  expect((await createCaller(shared.url, `${token}x`).get("/me")).status).toBe(401);
});
