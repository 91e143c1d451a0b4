import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HookWebhooks, type ServedHooks } from "../support/hook-webhook.ts";
import { type Answer, createCaller } from "../support/http.ts";

/**
 * The endpoint that explains decisions against the endpoints themselves, through real sockets in front of a devbox: with
 * random allowlists, users and targets it says no exactly where they do, and in their words.
 */
const scope = { project: "flytesnacks", domain: "development" };

interface Target {
  /** What is asked of the explainer. */
  readonly question: Readonly<Record<string, string>>;
  /** The request that is asked about, in a form that changes nothing where there is one. */
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
}

interface Lists {
  readonly taskAllowlist?: readonly string[];
  readonly appAllowlist?: readonly string[];
  readonly triggerAllowlist?: readonly string[];
}

let hooks: HookWebhooks;
const runs: Record<string, string> = {};

beforeAll(async () => {
  hooks = await HookWebhooks.start();
  const alice = hooks.controlPlane(hooks.devbox.keys["alice"]);
  for (const task of ["ci.build", "ci.other"]) {
    const run = await alice.runs.start({ name: task }, { commit: "abc" });
    runs[task] = run.name;
    const version = "v1";
    await alice.triggers.deploy({
      ...{ task, name: "nightly", taskVersion: version, schedule: { cron: "0 2 * * *" } },
      ...{ inputs: { commit: "abc" }, active: false },
    });
  }
});

afterAll(async () => {
  await hooks[Symbol.asyncDispose]();
});

const place = fc.constantFrom("development", "production", "staging");
const project = fc.constantFrom("flytesnacks", "flytesnacks", "absent");
const task = fc.constantFrom("ci.build", "ci.other", "ci.absent", "constructor");
const runName = fc.constantFrom("build", "other", "absent");
const app = fc.constantFrom("hooks", "my-app", "other-app");

const query = (given: Readonly<Record<string, string>>) => new URLSearchParams(given).toString();

const ofTask = fc.record({ domain: place, project, name: task }).chain((ref) => {
  const path = `${ref.domain}/${ref.project}/${ref.name}`;
  return fc.constantFrom<Target>(
    { question: { ...ref, endpoint: "get_task" }, method: "GET", path: `/task/${path}` },
    {
      question: { ...ref, endpoint: "run_task" },
      method: "POST",
      path: `/run-task/${path}?dry_run=true`,
      body: { commit: "abc" },
    },
    {
      question: { ...ref, endpoint: "run_task_and_wait" },
      method: "POST",
      path: `/run-task-and-wait/${path}?dry_run=true`,
      body: { commit: "abc" },
    },
  );
});

const ofRun = fc.record({ run: runName, domain: place }).chain(({ run, domain }) => {
  const name = () => runs[`ci.${run}`] ?? "r-absent";
  const target = (endpoint: string, method: "GET" | "POST", end: string, body?: unknown) => ({
    get question() {
      return { domain, endpoint, name: name() };
    },
    method,
    get path() {
      return `/run/${name()}${end}${end.includes("?") ? "&" : "?"}domain=${domain}`;
    },
    body,
  });
  return fc.constantFrom<Target>(
    target("get_run", "GET", ""),
    target("get_run_io", "GET", "/io"),
    target("get_conditions", "GET", "/conditions"),
    target("rerun_run", "POST", "/rerun?dry_run=true", {}),
  );
});

const ofTrigger = fc
  .record({
    task_name: task,
    trigger_name: fc.constantFrom("nightly", "absent"),
    domain: place,
  })
  .chain((ref) => {
    const path = `/trigger/${ref.task_name}/${ref.trigger_name}`;
    const where = query({ domain: ref.domain });
    return fc.constantFrom<Target>(
      {
        question: { ...ref, endpoint: "fire_trigger" },
        method: "POST",
        path: `${path}/fire?dry_run=true&${where}`,
        body: {},
      },
      // It is off: nothing is changed.
      {
        question: { ...ref, endpoint: "deactivate_trigger" },
        method: "POST",
        path: `${path}/deactivate?${where}`,
      },
    );
  });

const ofApp = fc.record({ name: app, domain: place }).map(
  (ref): Target => ({
    question: { ...ref, endpoint: "get_app" },
    method: "GET",
    path: `/app/${ref.name}?${query({ domain: ref.domain })}`,
  }),
);

const targets = fc.oneof(ofTask, ofRun, ofTrigger, ofApp);

const optional = (...entries: readonly string[]) =>
  fc.option(fc.subarray([...entries]), { nil: undefined });

const allowlists: fc.Arbitrary<Lists> = fc
  .record({
    taskAllowlist: optional("ci.build", "development/flytesnacks/ci.other", "absent/ci.build"),
    appAllowlist: optional("my-app", "hooks", "production/flytesnacks/other-app"),
    triggerAllowlist: optional("nightly", "ci.build/nightly", "ci.other/absent"),
  })
  .map((lists) => {
    const given = Object.entries(lists).filter(([, list]) => list !== undefined);
    return Object.fromEntries(given) as Lists;
  });

/** Endpoints are off, too. */
const groups = fc.constantFrom(
  ["all", "fire", "wait", "rerun", "signal", "inspect"],
  ["task", "trigger", "inspect"],
) as fc.Arbitrary<("all" | "inspect")[]>;

const refusals = new Set(["not_allowlisted", "self_reference", "not_found", "permission_denied"]);

const ask = async (webhook: ServedHooks, key: string, target: Target): Promise<Answer> => {
  const caller = createCaller(webhook.url, key);
  return target.method === "GET" ? caller.get(target.path) : caller.post(target.path, target.body);
};

test("a decision is refused exactly where the endpoint refuses, and says the same", async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(
      allowlists,
      groups,
      fc.array(fc.tuple(targets, fc.constantFrom("alice", "bob")), {
        minLength: 15,
        maxLength: 25,
      }),
      async (lists, endpointGroups, asked) => {
        const webhook = await hooks.webhook({ ...lists, endpointGroups, hooks: [] });
        for (const [target, user] of asked) {
          const key = hooks.devbox.keys[user] ?? "";
          const { status, body } = await createCaller(webhook.url, key).post(
            "/inspect/decision",
            target.question,
          );
          expect(status, JSON.stringify(target.question)).toBe(200);
          const answer = await ask(webhook, key, target);
          check(target, body, answer);
          const key_ = body.allowed ? "allowed" : body.rule;
          seen.set(key_, (seen.get(key_) ?? 0) + 1);
        }
        await webhook.close();
      },
    ),
    { numRuns: 12 },
  );
  for (const rule of ["allowed", "taskAllowlist", "runFence", "controlPlane", "endpoint"]) {
    expect(seen.get(rule), rule).toBeGreaterThan(0);
  }
});

// biome-ignore lint/suspicious/noExplicitAny: what is found in an answer
function check({ question }: Target, decision: any, { status, body }: Answer): void {
  const about = JSON.stringify({ question, decision, status, body });
  const outcomes = decision.steps.map(({ outcome }: { readonly outcome: string }) => outcome);
  expect(outcomes.includes("refused"), about).toBe(!decision.allowed);
  if (decision.rule === "endpoint") {
    expect(body.code, about).toBe("endpoint_not_found");
    return;
  }
  expect(body.code, about).not.toBe("endpoint_not_found");
  const isRefused = status >= 400 && refusals.has(body.code);
  if (decision.allowed) {
    // What the control plane says when it is tried is all that is left open.
    const isOpen = outcomes.includes("not_asked");
    if (isRefused) expect([isOpen, body.code], about).toEqual([true, "permission_denied"]);
  } else {
    expect(isRefused, about).toBe(true);
    expect(decision.detail, about).toBe(body.detail);
  }
}

test("a run that is hidden is explained like one that is not there", async () => {
  const webhook = await hooks.webhook({
    endpointGroups: ["run", "inspect"],
    taskAllowlist: ["ci.build"],
    hooks: [],
  });
  const alice = createCaller(webhook.url, hooks.devbox.keys["alice"]);
  const hidden = runs["ci.other"] ?? "";
  for (const endpoint of ["get_run", "get_run_io", "abort_run"]) {
    const [one, other] = await Promise.all(
      [hidden, "r-absent"].map((name) => alice.post("/inspect/decision", { endpoint, name })),
    );
    expect(one?.body.allowed).toBe(false);
    const text = JSON.stringify(one?.body).replaceAll(hidden, "r-absent");
    expect(JSON.parse(text)).toEqual(other?.body);
  }
});

test("nothing is changed by asking", async () => {
  const webhook = await hooks.webhook({
    endpointGroups: ["all", "fire", "rerun", "inspect"],
    hooks: [],
  });
  const alice = createCaller(webhook.url, hooks.devbox.keys["alice"]);
  const { runs: started } = await hooks.runsSince(async () => {
    for (const question of [
      { endpoint: "run_task", ...scope, name: "ci.build" },
      { endpoint: "fire_trigger", task_name: "ci.build", trigger_name: "nightly" },
      { endpoint: "activate_trigger", task_name: "ci.build", trigger_name: "nightly" },
      { endpoint: "rerun_run", name: runs["ci.build"] },
      { endpoint: "build_image" },
    ]) {
      const { body } = await alice.post("/inspect/decision", question);
      expect(body, question.endpoint).toMatchObject({ allowed: true });
      expect(body.steps.at(-1)).toMatchObject({ rule: "controlPlane", outcome: "not_asked" });
    }
  });
  expect(started).toEqual([]);
  const trigger = await hooks
    .controlPlane(hooks.devbox.keys["alice"])
    .triggers.get({ task: "ci.build", name: "nightly" });
  expect(trigger.active).toBe(false);
});

test("parameters that decide are asked about as well", async () => {
  const webhook = await hooks.webhook({
    endpointGroups: ["all", "inspect"],
    taskAllowlist: ["ci.build"],
    buildAllowlist: ["pip:httpx"],
    prefetchAllowlist: ["org/*"],
    hooks: [hooks.hook()],
  });
  const alice = createCaller(webhook.url, hooks.devbox.keys["alice"]);
  const ask = async (question: Readonly<Record<string, unknown>>) =>
    (await alice.post("/inspect/decision", question)).body;
  const run = { endpoint: "run_task", ...scope, name: "ci.build" };
  expect(await ask({ ...run, parameters: { interruptible: true } })).toMatchObject({
    allowed: true,
    rule: "taskAllowlist",
  });
  expect(await ask({ ...run, parameters: { env_vars: { A: "b" } } })).toMatchObject({
    allowed: false,
    rule: "runOptions",
  });
  const build = (pip_packages: readonly string[]) =>
    ask({ endpoint: "build_image", parameters: { pip_packages } });
  expect(await build(["httpx"])).toMatchObject({ allowed: true, rule: "buildAllowlist" });
  expect(await build(["evil"])).toMatchObject({ allowed: false, rule: "buildAllowlist" });
  const fetching = (repo: string) => ask({ endpoint: "prefetch_hf_model", parameters: { repo } });
  expect(await fetching("org/model")).toMatchObject({ allowed: true, rule: "prefetchAllowlist" });
  expect(await fetching("other/model")).toMatchObject({ allowed: false });
  expect(await ask({ endpoint: "hook:github", name: "ci.other" })).toMatchObject({
    allowed: false,
    rule: "taskAllowlist",
  });
  expect(await ask({ endpoint: "hook:none" })).toMatchObject({ allowed: false, rule: "endpoint" });
  expect(await ask({ endpoint: "run_tasks", ...scope, name: "ci.other" })).toMatchObject({
    allowed: false,
    rule: "endpoint",
  });
});

test("a question that is none is refused with its faults", async () => {
  const webhook = await hooks.webhook({ endpointGroups: ["inspect"], hooks: [] });
  const alice = createCaller(webhook.url, hooks.devbox.keys["alice"]);
  const ask = async (question: unknown) => {
    const { status, body } = await alice.post("/inspect/decision", question);
    return [status, body.errors?.map(({ path }: { readonly path: string }) => path)];
  };
  expect(await ask({})).toEqual([422, ["body.endpoint"]]);
  expect(await ask({ endpoint: "run_taks" })).toEqual([400, ["endpoint"]]);
  expect(await ask({ endpoint: "get_run" })).toEqual([400, ["name"]]);
  expect(await ask({ endpoint: "activate_trigger" })).toEqual([400, ["task_name", "trigger_name"]]);
  expect(await ask({ endpoint: "get_run", name: "a/b" })).toEqual([422, ["body.name"]]);
  const parameters = { envvars: {} };
  expect(await ask({ endpoint: "run_task", name: "a", parameters })).toEqual([
    400,
    ["parameters.envvars"],
  ]);
});
