import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hmac } from "../../src/webhook/hooks/providers/hmac.ts";
import { slack } from "../../src/webhook/hooks/providers/slack.ts";
import type { WebhookOptions } from "../../src/webhook/options.ts";
import { auditFile, readRequests } from "../support/audit-log.ts";
import {
  buildPushed,
  deliver,
  githubSecret,
  HookWebhooks,
  type ServedHooks,
} from "../support/hook-webhook.ts";
import { type Answer, createCaller } from "../support/http.ts";

let all: HookWebhooks;

beforeAll(async () => {
  all = await HookWebhooks.start();
});
afterAll(() => all?.[Symbol.asyncDispose]());

const serve = (options: Partial<WebhookOptions> = {}): Promise<ServedHooks> =>
  all.webhook({
    endpointGroups: ["inspect", "ops"],
    inspectors: ["alice"],
    hooks: [all.hook({ keepPayloads: true })],
    ...options,
  });

const as = (webhook: ServedHooks, user = "alice") =>
  createCaller(webhook.url, all.devbox.keys[user]);

const list = async (webhook: ServedHooks, query = "") =>
  (await as(webhook).get(`/inspect/deliveries${query}`)).body.deliveries;

const replay = (webhook: ServedHooks, id: string, body: object = {}, hook = "github") =>
  as(webhook).post(`/inspect/deliveries/${hook}/${id}/replay`, body);

const idOf = ({ headers }: Answer): string => headers.get("x-request-id") ?? "";

describe("deliveries", () => {
  test("are told with what became of each, the newest first", async () => {
    const webhook = await serve({
      hooks: [all.hook({ keepPayloads: true }), all.hook({ name: "other", events: ["ping-*"] })],
    });
    const started = await deliver(webhook, { id: "first" });
    await deliver(webhook, { id: "first" });
    await deliver(webhook, { hook: "other", payload: { secret: "planted in a payload" } });
    await deliver(webhook, {
      secret: "not the secret at all",
      headers: { authorization: "Bearer planted-in-a-header" },
    });
    const told = await list(webhook);
    expect(told.map((one: { verdict: string }) => one.verdict)).toEqual([
      "bad_signature",
      "ignored",
      "duplicate",
      "started",
    ]);
    expect(told[3]).toMatchObject({
      hook: "github",
      request_id: idOf(started),
      status: 202,
      id: "first",
      type: "push",
      run: { name: started.body.run.name, url: started.body.run.url },
      body: '{"sha":"abc"}',
      can_replay: true,
    });
    expect(told[0]).toMatchObject({ status: 401, can_replay: false });
    expect(told[0]).not.toHaveProperty("body");
    expect(told[1]).not.toHaveProperty("body");
    expect(JSON.stringify(told)).not.toContain("planted");
    expect(await list(webhook, "?hook=other")).toHaveLength(1);
    const none = await as(webhook).get("/inspect/deliveries?hook=none");
    expect([none.status, none.body.code]).toEqual([404, "not_found"]);
  });

  test("are none without hooks", async () => {
    expect(await list(await serve({ hooks: [] }))).toEqual([]);
  });

  test("have their newest bodies alone where these are long", async () => {
    const webhook = await serve();
    const long = { pad: "x".repeat(60_000) };
    for (let count = 0; count < 20; count += 1) await deliver(webhook, { payload: long });
    const told = await list(webhook);
    const bodies = told.filter((one: { body?: string }) => one.body !== undefined);
    expect(bodies).toHaveLength(17);
    expect(told.slice(0, 17)).toEqual(bodies);
    expect(told.every((one: { can_replay: boolean }) => one.can_replay)).toBe(true);
  });
});

describe("nobody but an inspector", () => {
  const asked = [
    ["GET", "/inspect/deliveries"],
    ["GET", "/inspect/deliveries?hook=github"],
    ["GET", "/inspect/audit"],
    ["POST", "/inspect/deliveries/github/some-id/replay"],
  ] as const;

  test.each([
    ["another user", ["alice"], "bob"],
    ["anybody, without the option", undefined, "alice"],
    ["anybody, with an empty list", [], "alice"],
    ["a user of another case", ["Alice"], "alice"],
    ["a user by their name", ["Alice Admin", "alice@example.com"], "alice"],
  ] as const)("is answered: not %s", async (_, inspectors, user) => {
    const webhook = await serve({ inspectors: inspectors as unknown as readonly string[] });
    const { headers } = await deliver(webhook, { id: "seen" });
    const id = headers.get("x-request-id") ?? "";
    for (const [method, path] of asked) {
      const target = path.replace("some-id", id);
      const caller = as(webhook, user);
      const { runs, result } = await all.runsSince(() =>
        method === "GET" ? caller.get(target) : caller.post(target, { as_new: true }),
      );
      expect([result.status, result.body.code], target).toEqual([403, "not_allowlisted"]);
      expect(result.body.detail).toContain("inspectors");
      expect(JSON.stringify(result.body)).not.toContain("abc");
      expect(runs).toEqual([]);
    }
  });

  test("is answered: not one whose token says so of itself", async () => {
    const webhook = await serve();
    const claims = Buffer.from(JSON.stringify({ sub: "alice" })).toString("base64url");
    const forged = createCaller(webhook.url, `e30.${claims}.c2ln`);
    expect((await forged.get("/inspect/deliveries")).status).toBe(401);
  });
});

describe("a replay", () => {
  test("finds the run of the delivery, and starts another as a new one", async () => {
    const webhook = await serve();
    const first = await deliver(webhook);
    const { result: again, runs: none } = await all.runsSince(() => replay(webhook, idOf(first)));
    expect(again.status).toBe(200);
    expect(again.body).toMatchObject({
      status: 202,
      verdict: "duplicate",
      run: { name: first.body.run.name, url: first.body.run.url },
    });
    expect(none).toEqual([]);
    const { result: anew, runs } = await all.runsSince(() =>
      replay(webhook, idOf(first), { as_new: true }),
    );
    expect(anew.body).toMatchObject({ status: 202, verdict: "started" });
    expect(anew.body).not.toHaveProperty("masked");
    // The hook acts, whoever asks.
    expect(runs).toEqual([expect.objectContaining({ name: anew.body.run.name, owner: "robot" })]);
    // It is a delivery that can be looked at, and given again in its turn, under its own id.
    const [told] = await list(webhook);
    expect(told).toMatchObject({ replay_of: idOf(first), id: anew.body.delivery });
    const third = await replay(webhook, told.request_id);
    expect(third.body).toMatchObject({ verdict: "duplicate", run: { name: anew.body.run.name } });
    const metrics = (await as(webhook).get("/metrics")).body;
    expect(metrics).toContain('hook_deliveries_total{hook="github",verdict="duplicate"} 2');
  });

  test("of what failed starts its run once the reason is gone, however often", async () => {
    let isBroken = true;
    const webhook = await serve({
      hooks: [
        all.hook({
          keepPayloads: true,
          start: (event) => {
            if (isBroken) throw new Error("not yet");
            return buildPushed(event);
          },
        }),
      ],
    });
    const first = await deliver(webhook);
    expect(first.status).toBe(500);
    const failed = await replay(webhook, idOf(first));
    expect(failed.body).toMatchObject({ status: 500, verdict: "failed" });
    isBroken = false;
    const { result, runs } = await all.runsSince(() =>
      Promise.all([1, 2, 3].map(() => replay(webhook, idOf(first)))),
    );
    expect(runs).toHaveLength(1);
    const verdicts = result.map(({ body }) => body.verdict).sort();
    expect(verdicts).toEqual(["duplicate", "duplicate", "started"]);
  });

  test("says what the hook says: ignored, refused by the mapping, not in the allowlist", async () => {
    const events = { keepPayloads: true, events: ["push"] };
    const webhook = await serve({
      taskAllowlist: ["ci.build"],
      hooks: [
        all.hook(events),
        all.hook({ name: "refusing", keepPayloads: true, start: () => ({ refuse: "no Friday" }) }),
        all.hook({ name: "outside", keepPayloads: true, start: () => ({ task: "ci.other" }) }),
      ],
    });
    const answers = await Promise.all(
      [{ type: "issues" }, { hook: "refusing" }, { hook: "outside" }].map(async (one) => {
        const { body } = await replay(
          webhook,
          idOf(await deliver(webhook, one)),
          { as_new: true },
          one.hook,
        );
        return body;
      }),
    );
    expect(answers).toMatchObject([
      { status: 202, verdict: "ignored" },
      { status: 202, verdict: "refused", reason: "no Friday" },
      { status: 403, verdict: "failed", reason: expect.stringContaining("allowlist") },
    ]);
  });

  test("is there only of what was proved and kept", async () => {
    const webhook = await serve({
      hooks: [all.hook({ keepPayloads: true }), all.hook({ name: "x" })],
    });
    const forged = await deliver(webhook, { secret: "not the secret at all" });
    const unkept = await deliver(webhook, { hook: "x" });
    const long = await deliver(webhook, { payload: { sha: "abc", pad: "x".repeat(70_000) } });
    for (const [id, hook] of [
      [idOf(forged), "github"],
      [idOf(unkept), "x"],
      [idOf(unkept), "github"],
      [idOf(long), "github"],
      ["never", "github"],
      ["never", "none"],
    ] as const) {
      const { status, body } = await replay(webhook, id, { as_new: true }, hook);
      expect([status, body.code], hook).toEqual([404, "no_delivery"]);
    }
  });

  test("is not that of a stranger who has taken the same request id", async () => {
    const webhook = await serve();
    const headers = { "x-request-id": "chosen" };
    const own = await deliver(webhook, { headers, payload: { sha: "proved" } });
    await deliver(webhook, { headers, payload: { sha: "forged" }, secret: "not the secret" });
    const { body } = await replay(webhook, "chosen");
    expect(body).toMatchObject({ verdict: "duplicate", run: { name: own.body.run.name } });
  });

  test("of what has no id starts a run as a new one alone", async () => {
    const secret = "a secret for whoever signs";
    const hook = hmac({
      name: "billing",
      secret,
      header: "x-signature",
      runAs: { token: all.robot },
      keepPayloads: true,
      start: buildPushed,
    });
    const webhook = await serve({ hooks: [hook] });
    const body = JSON.stringify({ sha: "abc" });
    const sent = await fetch(`${webhook.url}/hooks/billing`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-signature": createHmac("sha256", secret).update(body).digest("hex"),
      },
      body,
    });
    expect(sent.status).toBe(202);
    const id = sent.headers.get("x-request-id") ?? "";
    const refused = await replay(webhook, id, {}, "billing");
    expect([refused.status, refused.body.code]).toEqual([422, "invalid_request"]);
    const { result, runs } = await all.runsSince(() =>
      replay(webhook, id, { as_new: true }, "billing"),
    );
    expect(result.body.verdict).toBe("started");
    expect(runs).toHaveLength(1);
  });

  test("has no secret of the provider, and says so", async () => {
    const secret = "a secret that Slack signs with";
    const seen: unknown[] = [];
    const hook = slack({
      secret,
      runAs: { token: all.robot },
      keepPayloads: true,
      start: ({ payload }) => {
        seen.push(payload);
        return { task: "ci.build", inputs: { commit: "abc" } };
      },
    });
    const webhook = await serve({ hooks: [hook] });
    const reply = "https://hooks.slack.com/commands/T1/planted-address";
    const body = new URLSearchParams({
      ...{ token: "planted-token", response_url: reply, command: "/build" },
      ...{ text: "churn", trigger_id: "13.37", team_id: "T1" },
    }).toString();
    const time = String(Math.floor(Date.now() / 1000));
    const mac = createHmac("sha256", secret).update(`v0:${time}:${body}`).digest("hex");
    const sent = await fetch(`${webhook.url}/hooks/slack`, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": time,
        "x-slack-signature": `v0=${mac}`,
      },
      body,
    });
    expect(sent.status).toBe(200);
    const told = await list(webhook);
    const answer = await replay(webhook, told[0].request_id, {}, "slack");
    expect(answer.body).toMatchObject({
      verdict: "duplicate",
      masked: expect.stringContaining("not what came"),
    });
    expect(seen).toHaveLength(2);
    expect(seen[0]).toMatchObject({ token: "planted-token" });
    const texts = [told, answer.body, await list(webhook), seen[1]].map((one) =>
      JSON.stringify(one),
    );
    for (const text of texts) expect(text).not.toContain("planted");
  });

  test("is in the audit log as what the inspector asked for, and the hook did", async () => {
    const file = await auditFile();
    const webhook = await serve({ audit: { file } });
    const first = await deliver(webhook, { id: "of-github" });
    const anew = await replay(webhook, idOf(first), { as_new: true });
    await as(webhook, "bob").post(`/inspect/deliveries/github/${idOf(first)}/replay`, {});
    await webhook.close();
    const lines = await readRequests(file);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatchObject({
      subject: "alice",
      endpoint: "replay_delivery",
      actsAs: "hook:github",
      target: "task development/flytesnacks/ci.build",
      decision: "allowed",
      rule: "inspectors",
      delivery: anew.body.delivery,
      runs: [{ run: `development/flytesnacks/${anew.body.run.name}`, new: true }],
      status: 200,
    });
    expect(lines[2]).toMatchObject({
      subject: "bob",
      actsAs: "caller",
      decision: "denied",
      rule: "inspectors",
      status: 403,
    });
    expect(lines[2]).not.toHaveProperty("runs");
  });

  test("leaves its slot to the start, so that one is enough", async () => {
    const webhook = await serve({ maxConcurrentRequests: 1 });
    const first = await deliver(webhook);
    const answers = await Promise.all(
      [1, 2, 3].map(() => replay(webhook, idOf(first), { as_new: true })),
    );
    expect(answers.map(({ body }) => body.verdict)).toEqual(["started", "started", "started"]);
  });
});

test("no answer holds a secret of a hook, of its user or of a caller", async () => {
  const file = await auditFile();
  const webhook = await serve({ audit: { file } });
  const first = await deliver(webhook, { headers: { cookie: "planted=cookie" } });
  const texts: string[] = [];
  for (const path of ["/inspect", "/inspect/deliveries", "/inspect/audit"]) {
    texts.push(JSON.stringify((await as(webhook).get(path)).body));
  }
  texts.push(JSON.stringify((await replay(webhook, idOf(first), { as_new: true })).body));
  const secrets = [githubSecret, all.robot, "planted", ...Object.values(all.devbox.keys)];
  for (const text of texts) for (const secret of secrets) expect(text).not.toContain(secret);
});
