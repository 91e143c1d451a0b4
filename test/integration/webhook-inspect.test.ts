import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { githubSecret, HookWebhooks, type ServedHooks } from "../support/hook-webhook.ts";
import { createCaller } from "../support/http.ts";
import { startTestWebhook } from "../support/webhook.ts";

const endpointGroups = ["all", "inspect"] as const;

let hooks: HookWebhooks;
let webhook: ServedHooks;

beforeAll(async () => {
  hooks = await HookWebhooks.start();
  webhook = await hooks.webhook({
    endpointGroups,
    inspectors: ["alice"],
    taskAllowlist: ["ci.build"],
    appAllowlist: [],
    hooks: [hooks.hook({ events: ["push"], keepPayloads: true })],
  });
});

afterAll(async () => {
  await hooks[Symbol.asyncDispose]();
});

const as = (user: string, at = webhook) => createCaller(at.url, hooks.devbox.keys[user]);

test("who the control plane knows is told what the webhook is", async () => {
  const { status, body } = await as("alice").get("/inspect");
  expect(status).toBe(200);
  expect(body).toMatchObject({
    name: "hooks",
    version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    allowlists: { task: ["ci.build"], trigger: null, app: [], build: null, prefetch: null },
    run_scope: "webhook",
    run_options: ["overwrite_cache", "interruptible"],
    audit: false,
    idempotency: true,
    inspector: true,
  });
  expect(body.hooks).toEqual([
    {
      name: "github",
      path: "/hooks/github",
      provider: "github",
      events: ["push"],
      acts_as: "hook:github",
      subject: "robot",
      keeps_payloads: true,
    },
  ]);
  const served = body.endpoints.map(({ name }: { readonly name: string }) => name);
  const off = body.endpoints_off.map(({ name }: { readonly name: string }) => name);
  expect(served).toContain("run_task");
  expect(off).toContain("fire_trigger");
  expect(served.filter((name: string) => off.includes(name))).toEqual([]);
});

test("who is no inspector learns neither that hooks act as somebody, nor what others did", async () => {
  const { body } = await as("bob").get("/inspect");
  expect(body).toMatchObject({ inspector: false, hooks: [{ subject: null }] });
});

describe("nobody is answered", () => {
  test("without a credential", async () => {
    expect((await createCaller(webhook.url).get("/inspect")).status).toBe(401);
  });

  test("with one that the control plane does not accept, for the decision as well", async () => {
    const nobody = createCaller(webhook.url, "a-key-of-nobody");
    expect((await nobody.get("/inspect")).status).toBe(401);
    const asked = await nobody.post("/inspect/decision", { endpoint: "me" });
    expect(asked.status).toBe(401);
  });

  test("with a key that was revoked a moment ago", async () => {
    const key = await hooks.createUser("leaver", "contributor");
    const leaver = createCaller(webhook.url, key);
    expect((await leaver.get("/inspect")).status).toBe(200);
    await hooks.revokeKeys("leaver");
    expect((await leaver.get("/inspect")).status).toBe(401);
  });

  test("where the control plane names no users", async () => {
    await using stubbed = await startTestWebhook({ inspectors: ["ada"] });
    const unknown = new ConnectError("no users here", Code.Unimplemented);
    stubbed.stub.failures.set("userInfo", unknown);
    const { status, body } = await createCaller(stubbed.url, "key").get("/inspect");
    expect([status, body.code]).toEqual([403, "permission_denied"]);
  });
});

test("it is served when it is named, and not with all", async () => {
  const all = await hooks.webhook({ endpointGroups: ["all"] });
  expect((await as("alice", all).get("/inspect")).body.code).toBe("endpoint_not_found");
});

describe("the option inspectors", () => {
  test.each([
    ["no text", [7]],
    ["empty", [""]],
    ["a pattern", ["*"]],
    ["a pattern", ["team-*"]],
    ["with a space around it", [" alice"]],
    ["with an invisible character", ["ali\u200bce"]],
    ["too long", ["a".repeat(256)]],
  ])("refuses an entry that is %s", async (_, inspectors) => {
    await expect(startTestWebhook({ inspectors: inspectors as string[] })).rejects.toThrow(
      /in inspectors is no subject/,
    );
  });

  test("refuses what is no list", async () => {
    const inspectors = "alice" as unknown as readonly string[];
    await expect(startTestWebhook({ inspectors })).rejects.toThrow(/must be a list/);
  });
});

test("no answer holds a secret", async () => {
  const texts = [];
  for (const user of ["alice", "bob"]) {
    texts.push(JSON.stringify((await as(user).get("/inspect")).body));
    const asked = { endpoint: "hook:github", name: "ci.build" };
    texts.push(JSON.stringify((await as(user).post("/inspect/decision", asked)).body));
  }
  const secrets = [githubSecret, hooks.robot, ...Object.values(hooks.devbox.keys)];
  for (const secret of secrets) for (const text of texts) expect(text).not.toContain(secret);
});
