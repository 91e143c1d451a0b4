import { describe, expect, test } from "vitest";
import type { AppSpec } from "../../src/client/app-spec.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { createWebhook } from "../../src/webhook/create-webhook.ts";
import { plainApp } from "../support/app-spec.ts";
import { auditFile, readRequests } from "../support/audit-log.ts";
import { ownEnvironment, runProgram } from "../support/run-command.ts";
import { useStoryDevbox } from "../support/story-devbox.ts";
import { storyBlock } from "../support/story-page.ts";
import { unusedPort } from "../support/unused-port.ts";

/** Stories 11, 12, 17 to 19 and 23 to 25 of docs/stories.md: who keeps it running. */
const devbox = useStoryDevbox();
const start = "/run-task/development/flytesnacks";

describe("a data engineer", () => {
  const nightly = "/trigger/schedule.digest/nightly";

  test("closes the gate during an incident and opens it afterwards, and is shown how it stands", async () => {
    const bob = devbox.caller("bob");
    const on = await bob.post(`${nightly}/activate`);
    expect([on.status, on.body.active]).toEqual([200, true]);
    expect(Date.parse(on.body.next_fire_at)).toBeGreaterThan(Date.now());
    const off = { task_name: "schedule.digest", trigger_name: "nightly" };
    expect((await bob.post(`${nightly}/deactivate`)).body).toEqual({
      ...{ ...off, active: false, next_fire_at: null },
    });
    expect((await bob.get("/triggers?task=schedule.digest")).body.triggers).toContainEqual(
      expect.objectContaining({ ...off, active: false, next_fire_at: null }),
    );
    const again = await bob.post(`${nightly}/activate`);
    expect(again.body).toEqual(on.body);
    await bob.post(`${nightly}/deactivate`);
  });

  test("who mistypes the trigger or its task is told so", async () => {
    for (const path of ["/trigger/schedule.digest/nigthly", "/trigger/schedule.digset/nightly"]) {
      const { status, body } = await devbox.caller("bob").post(`${path}/deactivate`);
      const [, , task, name] = path.split("/");
      expect([status, body.code]).toEqual([404, "not_found"]);
      expect(body.detail).toContain(`trigger "${name}" of task "${task}" not found`);
    }
  });

  test("has a trigger at six by the clocks of Berlin, whose run gets the time as an input", async () => {
    await devbox.flyte.triggers.deploy({
      ...{ task: "schedule.digest", name: "six", active: false, timeInput: "at" },
      schedule: { cron: "0 6 * * *", timezone: "Europe/Berlin" },
    });
    const bob = devbox.caller("bob");
    const { body } = await bob.post("/trigger/schedule.digest/six/activate");
    const next = new Date(body.next_fire_at);
    const there = { timeZone: "Europe/Berlin", hour: "2-digit", minute: "2-digit" } as const;
    expect(next.toLocaleTimeString("de-DE", there)).toBe("06:00");
    expect(body.next_fire_at).toMatch(/T0[45]:00:00\.000Z$/);
    await bob.post("/trigger/schedule.digest/six/deactivate");
  });
});

describe("on call", () => {
  test("aborts a run with a reason, which is kept with it", async () => {
    const bob = devbox.caller("bob");
    const { body } = await devbox.caller("alice").post(`${start}/slow.count`, { to: 600 });
    const path = `/run/${body.name}/abort?reason=fills%20the%20disk`;
    const aborted = await bob.post(path);
    expect(aborted).toMatchObject({
      status: 200,
      body: { name: body.name, status: "abort_requested", reason: "fills the disk" },
    });
    const ended = await devbox.flyte.runs.wait({ name: body.name });
    expect(ended).toMatchObject({ phase: "aborted", abortReason: "fills the disk" });
    // Nobody was faster: asked again, it is as it was.
    expect((await bob.post(path)).body).toMatchObject({ phase: "aborted", done: true });
  });

  test("is told when the run had ended, is not there, or may not be aborted", async () => {
    const bob = devbox.caller("bob");
    const { body } = await bob.post("/run-task-and-wait/development/flytesnacks/stats.describe", {
      values: [1],
    });
    const late = await bob.post(`/run/${body.name}/abort`);
    expect(late).toMatchObject({ status: 200, body: { phase: "succeeded", done: true } });
    expect((await bob.get(`/run/${body.name}`)).body.phase).toBe("succeeded");

    expect(await bob.post("/run/absent/abort")).toMatchObject({
      status: 404,
      body: { detail: "Run absent not found" },
    });

    await using everywhere = await devbox.webhook({ runScope: "task" });
    const production = await devbox
      .caller("alice", everywhere.url)
      .post("/run-task/production/flytesnacks/slow.count", { to: 600 });
    const abort = `/run/${production.body.name}/abort?project=flytesnacks&domain=production`;
    const refused = await devbox.caller("bob", everywhere.url).post(abort);
    expect([refused.status, refused.body.code]).toEqual([403, "permission_denied"]);
    await devbox.caller("alice", everywhere.url).post(abort);
  });
});

describe("apps", () => {
  const server = `
const http = require("node:http");
http.createServer((request, response) => response.end(process.env.MARK)).listen(process.env.PORT, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));`;

  function app(
    name: string,
    given: { readonly mark?: string; readonly script?: string } = {},
  ): AppSpec {
    const { mark = name, script = server } = given;
    const command = [process.execPath, "-e", script];
    const container = { ...plainApp.container, command, env: { MARK: mark } };
    return { ...plainApp, name, container, replicas: [1, 1], requiresAuth: false };
  }

  test("the next version is tried while it is not in use, and takes over", async () => {
    const { apps } = devbox.flyte;
    await Promise.all([
      apps.deploy(app("model-1"), { wait: true }),
      apps.deploy(app("model-2"), { wait: true }),
    ]);
    const bob = devbox.caller("bob");
    expect((await bob.post("/app/model-2/deactivate?wait=true")).body).toMatchObject({
      ...{ is_active: false, is_deactivated: true },
    });
    const woken = await bob.post("/app/model-2/activate?wait=true");
    expect(woken).toMatchObject({ status: 200, body: { name: "model-2", is_active: true } });
    // Each switch is a revision of its own.
    expect((await bob.get("/app/model-2")).body).toMatchObject({ revision: 3, is_active: true });
    expect((await bob.post("/app/model-2/call?path=/", {})).body).toBe("model-2");
    const old = await bob.post("/app/model-1/deactivate?wait=true");
    expect(old.body).toMatchObject({ is_active: false, is_deactivated: true });
    await Promise.all([apps.delete({ name: "model-1" }), apps.delete({ name: "model-2" })]);
  });

  test("a version that crashes is told with the reason, and the one before is as it was", async () => {
    const { apps } = devbox.flyte;
    await apps.deploy(app("good"), { wait: true });
    const script = "console.error('no such weights'); process.exit(3)";
    await apps.deploy(app("bad", { script }));
    await apps.deactivate({ name: "bad" }, { wait: true });
    const bob = devbox.caller("bob");
    const { status, body } = await bob.post("/app/bad/activate?wait=true");
    expect([status, body.code]).toEqual([424, "app_failed"]);
    expect(body.detail).toMatch(/App bad failed: .*no such weights/s);
    expect((await bob.get("/apps?phase=failed")).body.apps).toMatchObject([{ name: "bad" }]);
    expect((await bob.get("/app/good")).body.is_active).toBe(true);
    await Promise.all([apps.delete({ name: "good" }), apps.delete({ name: "bad" })]);
  });

  test("a job puts a list of apps to sleep, as often as it likes, but for the webhook itself", async () => {
    const names = ["gpu-1", "gpu-2"];
    const { apps } = devbox.flyte;
    await Promise.all(names.map((name) => apps.deploy(app(name), { wait: true })));
    const script = await storyBlock(19);
    const sleep = async () => {
      const variables = { WEBHOOK: devbox.url, FLYTE_API_KEY: devbox.key("bob") };
      const env = ownEnvironment("/nowhere", variables);
      return runProgram(["sh", "-e", "-c", script], { env });
    };
    const told = "gpu-1 200\nflyte-webhook 400\ngpu-2 200\n";
    expect(await sleep()).toMatchObject({ code: 0, stdout: told });
    expect(await sleep()).toMatchObject({ code: 0, stdout: told });
    for (const name of names) expect((await apps.get({ name })).isDeactivated).toBe(true);
    const bob = devbox.caller("bob");
    expect((await bob.post("/app/flyte-webhook/deactivate")).body).toMatchObject({
      code: "self_reference",
    });
    await Promise.all(names.map((name) => apps.delete({ name })));
  });
});

test("the audit log names who the control plane says it was, whatever the request says", async () => {
  const file = await auditFile();
  const webhook = await devbox.webhook({ audit: { file } });
  const response = await fetch(`${webhook.url}${start}/stats.describe`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${devbox.key("bob")}`,
      "content-type": "application/json",
      "user-agent": "alice",
      "x-flyte-user-subject": "alice",
    },
    body: '{"values":[42.125]}',
  });
  const { name } = (await response.json()) as { readonly name: string };
  await webhook[Symbol.asyncDispose]();
  const lines = await readRequests(file);
  expect(lines).toMatchObject([
    {
      requestId: response.headers.get("x-request-id"),
      subject: "bob",
      target: "task development/flytesnacks/stats.describe",
      runs: [{ run: `development/flytesnacks/${name}`, new: true }],
    },
  ]);
  const text = JSON.stringify(lines);
  for (const secret of ["alice", "42.125", devbox.key("bob")]) expect(text).not.toContain(secret);
});

test("a script that asks 500 times at once is held up, and nobody else is", async () => {
  await using webhook = await devbox.webhook({ rateLimits: { perCredential: "20/hour" } });
  const bob = devbox.caller("bob", webhook.url);
  const answers = await Promise.all(Array.from({ length: 500 }, () => bob.get("/me")));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(480);
  for (const { headers, body } of refused) {
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(body.code).toBe("rate_limited");
  }
  expect((await devbox.caller("alice", webhook.url).get("/me")).status).toBe(200);
});

test("a probe needs no credential, and tells a dead webhook from one whose control plane is away", async () => {
  const nobody = devbox.caller();
  expect((await nobody.get("/health")).status).toBe(200);
  expect((await nobody.get("/ready")).body).toEqual({ status: "ready" });
  const endpoint = `http://127.0.0.1:${await unusedPort()}`;
  const away = createControlPlane({ endpoint, project: "p", domain: "d" });
  const webhook = createWebhook({
    ...{ name: "away", controlPlane: away, endpointGroups: ["core", "ops"] },
  });
  const url = await webhook.listen({ host: "127.0.0.1", port: 0 });
  try {
    const asked = devbox.caller(undefined, url);
    expect(await asked.get("/health")).toMatchObject({ status: 200, body: { status: "healthy" } });
    expect(await asked.get("/ready")).toMatchObject({
      status: 503,
      body: { status: "unready", control_plane: "unreachable", detail: expect.any(String) },
    });
  } finally {
    await webhook.close();
    await away.close();
  }
});
