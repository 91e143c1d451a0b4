import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { deliver, githubSecret, useHookWebhooks } from "../support/hook-webhook.ts";

const site = useHookWebhooks();

const labelsOf = async (name: string) => {
  const runId = { project: "flytesnacks", domain: "development", name };
  const { details } = await site.all.client().runs.getRunDetails({ runId });
  return details?.runSpec?.labels?.values;
};

test("a signed push starts a run, and the answer says which and as whom", async () => {
  const { result, runs } = await site.all.runsSince(() => deliver(site.webhook, { id: "first-1" }));
  expect(runs).toHaveLength(1);
  const [run] = runs;
  expect(result).toMatchObject({ status: 202 });
  expect(result.headers.get("content-type")).toBe("application/json");
  expect(result.headers.get("cache-control")).toBe("no-store");
  expect(result.body).toEqual({
    status: "started",
    event: "push",
    delivery: "first-1",
    run: {
      name: run?.name,
      url: expect.stringContaining(`/runs/${run?.name}`),
      project: "flytesnacks",
      domain: "development",
    },
    acts_as: "hook:github",
    subject: "robot",
  });
  expect(run).toMatchObject({ owner: "robot", task: { name: "ci.build" } });
  expect(await labelsOf(run?.name ?? "")).toMatchObject({
    "flyte-webhook/hook": "github",
    "flyte-webhook/delivery": "first-1",
  });
});

test("a delivery that comes again starts nothing and names the run, also after a restart", async () => {
  const { result, runs } = await site.all.runsSince(async () => {
    const first = await deliver(site.webhook, { id: "again-1" });
    const second = await deliver(site.webhook, { id: "again-1" });
    const restarted = await site.all.webhook();
    const third = await deliver(restarted, { id: "again-1" });
    await restarted.close();
    return [first, second, third];
  });
  expect(runs).toHaveLength(1);
  const told = result.map(({ status, body }) => [status, body.status, body.run.name]);
  const name = runs[0]?.name;
  expect(told).toEqual([
    [202, "started", name],
    [202, "duplicate", name],
    [202, "duplicate", name],
  ]);
});

test("a hundred redeliveries of one id at once, at two replicas, start one run", async () => {
  const replica = await site.all.webhook();
  const { result, runs } = await site.all.runsSince(() =>
    Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        deliver(index % 2 === 0 ? site.webhook : replica, { id: "many-1" }),
      ),
    ),
  );
  expect(runs).toHaveLength(1);
  expect(new Set(result.map(({ status }) => status))).toEqual(new Set([202]));
  expect(new Set(result.map(({ body }) => body.run.name))).toEqual(new Set([runs[0]?.name]));
  expect(result.filter(({ body }) => body.status === "started")).toHaveLength(1);
});

test("the same id at another hook, and another id at the same, are other deliveries", async () => {
  const both = await site.all.webhook({
    hooks: [site.all.hook(), site.all.hook({ name: "other" })],
  });
  const { runs } = await site.all.runsSince(async () => {
    await deliver(both, { id: "apart-1" });
    await deliver(both, { id: "apart-1", hook: "other" });
    await deliver(both, { id: "apart-2" });
  });
  expect(runs).toHaveLength(3);
});

test("a mapping that has changed since makes no other delivery of one that comes again", async () => {
  const changed = await site.all.webhook({
    hooks: [site.all.hook({ start: () => ({ task: "ci.build", inputs: { commit: "other" } }) })],
  });
  const { result, runs } = await site.all.runsSince(async () => [
    await deliver(site.webhook, { id: "changed-1" }),
    await deliver(changed, { id: "changed-1" }),
  ]);
  expect(runs).toHaveLength(1);
  expect(result.map(({ body }) => body.status)).toEqual(["started", "duplicate"]);
});

test("events that are not taken or not mapped are answered 202, and ask the control plane nothing", async () => {
  const filtering = await site.all.webhook({
    hooks: [site.all.hook({ events: ["pull_request.*"] })],
  });
  expect(await deliver(filtering, { id: "no-1", type: "push" })).toMatchObject({
    status: 202,
    body: {
      status: "ignored",
      event: "push",
      delivery: "no-1",
      reason: "The hook takes no events of this type.",
    },
  });
  expect(await deliver(site.webhook, { payload: { sha: undefined } })).toMatchObject({
    status: 202,
    body: { status: "ignored", reason: "The hook starts nothing for this event." },
  });
  expect(site.all.front.calls).toEqual([]);
  const taken = { type: "pull_request", payload: { action: "opened", sha: "abc" } };
  expect(await deliver(filtering, taken)).toMatchObject({
    status: 202,
    body: { status: "started", event: "pull_request.opened" },
  });
});

test("the provider's ping is answered as the provider wants, and starts nothing", async () => {
  const answer = await deliver(site.webhook, { type: "ping" });
  expect(answer).toMatchObject({ status: 200, body: { pong: true } });
  expect(site.all.front.calls).toEqual([]);
});

test.for([
  ["another secret", { secret: "another-secret-of-them" }],
  ["no signature", { headers: { "x-hub-signature-256": "" } }],
  ["a signature of another length", { headers: { "x-hub-signature-256": "sha256=ab" } }],
  ["a signature that is no text", { headers: { "x-hub-signature-256": "sha256=\u00ff" } }],
  ["the secret itself", { headers: { "x-hub-signature-256": githubSecret } }],
] as const)("%s is 401 without a run, a call or a reason", async ([, wrong]) => {
  const { result, runs } = await site.all.runsSince(async () => {
    site.all.front.calls.length = 0;
    const answer = await deliver(site.webhook, wrong);
    expect(site.all.front.calls).toEqual([]);
    return answer;
  });
  expect(runs).toEqual([]);
  expect(result.status).toBe(401);
  // No credential would help.
  expect(result.headers.has("www-authenticate")).toBe(false);
  expect(result.body).toEqual({
    type: "urn:flyte-webhook:problem:bad_signature",
    title: "Signature not accepted",
    status: 401,
    detail: "The signature of this delivery was not accepted.",
    code: "bad_signature",
    requestId: expect.any(String),
  });
});

test("two secrets are valid while one takes the place of the other, and the log says which it was", async () => {
  const rotating = await site.all.webhook({
    hooks: [site.all.hook({ secret: { next: "the-secret-to-come", old: githubSecret } })],
  });
  expect((await deliver(rotating)).status).toBe(202);
  expect((await deliver(rotating, { secret: "the-secret-to-come" })).status).toBe(202);
  const used = rotating.lines
    .map((line) => JSON.parse(line))
    .filter(({ msg }) => msg === "delivery");
  expect(used.map(({ secret }) => secret)).toEqual(["old", "next"]);
  const rotated = await site.all.webhook({
    hooks: [site.all.hook({ secret: "the-secret-to-come" })],
  });
  expect((await deliver(rotated)).status).toBe(401);
});

test("the allowlist fences what hooks start", async () => {
  const fenced = await site.all.webhook({
    taskAllowlist: ["flytesnacks/ci.build"],
    hooks: [
      site.all.hook(),
      site.all.hook({
        name: "other",
        start: () => ({ task: "ci.other", inputs: { commit: "x" } }),
      }),
      site.all.hook({
        name: "elsewhere",
        start: () => ({ task: "ci.build", project: "other", inputs: { commit: "x" } }),
      }),
    ],
  });
  expect((await deliver(fenced)).status).toBe(202);
  site.all.front.calls.length = 0;
  for (const [hook, task] of [
    ["other", "development/flytesnacks/ci.other"],
    ["elsewhere", "development/other/ci.build"],
  ] as const) {
    expect(await deliver(fenced, { hook })).toMatchObject({
      status: 403,
      body: { code: "not_allowlisted", detail: `Task ${task} is not in the allowlist` },
    });
  }
  expect(site.all.front.calls).toEqual([]);
});

test("a mapping may refuse, in words for who reads them", async () => {
  const refusing = await site.all.webhook({
    hooks: [site.all.hook({ start: () => ({ refuse: "Not you." }) })],
  });
  expect(await deliver(refusing)).toMatchObject({
    status: 202,
    body: { status: "refused", reason: "Not you." },
  });
  expect(site.all.front.calls).toEqual([]);
});

test("deliveries without an id are told apart by nothing: each starts a run", async () => {
  const { hmac } = await import("../../src/webhook/hooks/providers/hmac.ts");
  const hook = hmac({
    secret: githubSecret,
    header: "x-hub-signature-256",
    prefix: "sha256=",
    runAs: { token: site.all.robot },
    start: () => ({ task: "ci.build", inputs: { commit: "x" } }),
  });
  const plain = await site.all.webhook({ hooks: [hook] });
  const { result, runs } = await site.all.runsSince(async () => [
    await deliver(plain, { hook: "hmac" }),
    await deliver(plain, { hook: "hmac" }),
  ]);
  expect(runs).toHaveLength(2);
  expect(result.map(({ body }) => [body.status, body.delivery])).toEqual([
    ["started", null],
    ["started", null],
  ]);
});

test("a hook acts with a control plane of its own, where it has one", async () => {
  const controlPlane = site.all.controlPlane(site.all.robot);
  const own = await site.all.webhook({ hooks: [site.all.hook({ runAs: { controlPlane } })] });
  expect((await deliver(own)).body).toMatchObject({ status: "started", subject: "robot" });
  expect(new Set(site.all.front.calls.map(({ authorization }) => authorization))).toEqual(
    new Set([`Bearer ${site.all.robot}`]),
  );
});

test("credentials that a delivery brings are neither looked at nor passed on", async () => {
  const brought = {
    authorization: `Bearer ${site.all.devbox.keys["alice"]}`,
    cookie: "session=planted-cookie",
    origin: "https://evil.example",
    "sec-fetch-site": "cross-site",
  };
  const answer = await deliver(site.webhook, { headers: brought });
  expect(answer.body).toMatchObject({ status: "started", subject: "robot" });
  const sent = JSON.stringify(site.all.front.calls);
  expect(sent).not.toContain(site.all.devbox.keys["alice"]);
  expect(new Set(site.all.front.calls.map(({ authorization }) => authorization))).toEqual(
    new Set([`Bearer ${site.all.robot}`]),
  );
  expect(
    (await deliver(site.webhook, { headers: { ...brought, authorization: "\t\t" } })).status,
  ).toBe(202);
  expect(site.webhook.lines.join("\n")).not.toContain("planted-cookie");
});

test("hooks are no endpoints: the others still want a credential, and pages get no access", async () => {
  const open = await site.all.webhook({ corsOrigins: ["https://app.example.com"] });
  expect((await fetch(`${open.url}/me`)).status).toBe(401);
  expect((await fetch(`${open.url}/hooks`)).status).toBe(401);
  expect((await fetch(`${open.url}/hooks/absent`, { method: "POST" })).status).toBe(404);
  const read = await fetch(`${open.url}/hooks/github`);
  expect([read.status, read.headers.get("allow")]).toEqual([405, "POST"]);
  const preflight = await fetch(`${open.url}/hooks/github`, {
    method: "OPTIONS",
    headers: { origin: "https://app.example.com", "access-control-request-method": "POST" },
  });
  expect(preflight.status).toBe(405);
  const posted = await deliver(open, { headers: { origin: "https://app.example.com" } });
  expect(posted.headers.get("access-control-allow-origin")).toBeNull();
  expect(await (await fetch(`${open.url}/openapi.json`)).text()).not.toContain("/hooks");
  const without = await site.all.webhook({ hooks: [] });
  expect((await deliver(without)).status).toBe(401);
});

test("the audit log says what was delivered, who acted and by which rule", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hooks-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "audit.log");
  const audited = await site.all.webhook({
    audit: { file },
    taskAllowlist: ["ci.build"],
    hooks: [
      site.all.hook(),
      site.all.hook({ name: "other", start: () => ({ task: "ci.other" }) }),
      site.all.hook({ name: "refusing", start: () => ({ refuse: "Not you." }) }),
    ],
  });
  const { body } = await deliver(audited, { id: "audited-1" });
  await deliver(audited, { id: "audited-2", hook: "other" });
  await deliver(audited, { id: "audited-3", hook: "refusing" });
  await deliver(audited, { id: "audited-4", secret: "another-secret-of-them" });
  await audited.close();
  const text = await readFile(file, "utf8");
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ endpoint }) => endpoint?.startsWith("hook:"));
  expect(lines).toMatchObject([
    {
      endpoint: "hook:github",
      actsAs: "hook:github",
      subject: "robot",
      target: "task development/flytesnacks/ci.build",
      decision: "allowed",
      rule: "signature",
      delivery: "audited-1",
      runs: [{ run: `development/flytesnacks/${body.run.name}`, new: true }],
      status: 202,
    },
    { endpoint: "hook:other", decision: "denied", rule: "taskAllowlist", delivery: "audited-2" },
    { endpoint: "hook:refusing", decision: "denied", rule: "mapping", delivery: "audited-3" },
    { endpoint: "hook:github", decision: "denied", rule: "signature", problem: "bad_signature" },
  ]);
  expect(lines[3]).not.toHaveProperty("delivery");
  expect(text).not.toMatch(/planted|sha256=/);
  expect(text).not.toContain(site.all.robot);
});

test("the trace of a delivery is a label of its run", async () => {
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const { body } = await deliver(site.webhook, { headers: { traceparent } });
  expect(await labelsOf(body.run.name)).toMatchObject({
    "flyte-webhook/trace-id": "4bf92f3577b34da6a3ce929d0e0e4736",
  });
});

test("the last deliveries are kept, without payloads unless the hook says so", async () => {
  const keeping = await site.all.webhook({
    hooks: [
      site.all.hook({ keepPayloads: true, events: ["push"] }),
      site.all.hook({ name: "plain" }),
    ],
  });
  const { body } = await deliver(keeping, { id: "kept-1" });
  await deliver(keeping, { id: "kept-2", type: "issues" });
  await deliver(keeping, { secret: "another-secret-of-them" });
  await deliver(keeping, { hook: "plain" });
  await deliver(keeping, { payload: { sha: "x", long: "x".repeat(70_000) } });
  const kept = keeping.app.recentDeliveries?.of("github") ?? [];
  expect(kept.map(({ verdict, status }) => [verdict, status])).toEqual([
    ["started", 202],
    ["bad_signature", 401],
    ["ignored", 202],
    ["started", 202],
  ]);
  expect(kept[0]).not.toHaveProperty("body");
  expect(kept[1]).not.toHaveProperty("id");
  expect(kept[3]).toMatchObject({
    hook: "github",
    id: "kept-1",
    type: "push",
    run: { name: body.run.name },
    body: '{"sha":"abc"}',
    receivedAt: expect.any(Date),
  });
  expect(keeping.app.recentDeliveries?.of("plain")[0]).not.toHaveProperty("body");
  expect(keeping.app.recentDeliveries?.of("absent")).toEqual([]);
});

test("deliveries are recorded into files that prove nothing, each once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hooks-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const recording = await site.all.webhook({
    hooks: [site.all.hook({ record: join(folder, "new") })],
  });
  await deliver(recording, { id: "../../evil", headers: { authorization: "Bearer planted" } });
  await deliver(recording, { id: "kept" });
  await deliver(recording, { id: "kept" });
  await deliver(recording, { secret: "another-secret-of-them" });
  await recording.close();
  const files = await readdir(join(folder, "new"));
  expect(files.sort()).toEqual([
    expect.stringMatching(/^push_evil-[0-9a-f]{8}\.json$/),
    "push_kept.json",
  ]);
  const text = await readFile(join(folder, "new", "push_kept.json"), "utf8");
  expect(JSON.parse(text)).toMatchObject({
    version: 1,
    provider: "github",
    headers: { "x-github-event": "push", "x-github-delivery": "kept" },
    body: '{"sha":"abc"}',
  });
  expect(text).not.toMatch(/sha256=|planted|authorization/);
});

test("a folder that cannot be written to keeps no delivery from being taken", async () => {
  const recording = await site.all.webhook({
    hooks: [site.all.hook({ record: "/dev/null/absent" })],
  });
  expect((await deliver(recording)).status).toBe(202);
  await recording.close();
  expect(recording.lines.join("\n")).toContain("a delivery could not be recorded");
});
