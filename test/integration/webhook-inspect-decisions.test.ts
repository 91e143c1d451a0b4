import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
  /** The request that is asked about. */
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
/** Alice may all, bob reads in production and runs elsewhere, and vera reads. */
let keys: Readonly<Record<string, string | undefined>>;
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
  await deployToProduction(alice);
  keys = { ...hooks.devbox.keys, vera: await hooks.createUser("vera", "viewer") };
});

/** The task `ci.build` with a run and a trigger there. */
async function deployToProduction(alice: ReturnType<HookWebhooks["controlPlane"]>): Promise<void> {
  const { tasks } = hooks.client();
  const there = { project: scope.project, domain: "production" };
  const id = { name: "ci.build", version: "v1" };
  const { details } = await tasks.getTaskDetails({ taskId: { ...scope, ...id } });
  const { spec } = details ?? {};
  await tasks.deployTask({ taskId: { ...there, ...id }, ...(spec !== undefined && { spec }) });
  const run = await alice.runs.start({ ...there, name: "ci.build" }, { commit: "abc" }, there);
  runs["ci.production"] = run.name;
  await alice.triggers.deploy({
    ...{ ...there, task: "ci.build", name: "nightly", taskVersion: "v1", active: false },
    ...{ schedule: { cron: "0 2 * * *" }, inputs: { commit: "abc" } },
  });
}

afterAll(async () => {
  await hooks[Symbol.asyncDispose]();
});

const place = fc.constantFrom("development", "production", "staging");
const project = fc.constantFrom("flytesnacks", "flytesnacks", "absent");
const task = fc.constantFrom("ci.build", "ci.other", "ci.absent", "constructor");
const runName = fc.constantFrom("build", "other", "production", "absent");
const app = fc.constantFrom("hooks", "my-app", "other-app");

const query = (given: Readonly<Record<string, string>>) => new URLSearchParams(given).toString();

const ofTask = fc.record({ domain: place, project, name: task }).chain((ref) => {
  const path = `${ref.domain}/${ref.project}/${ref.name}`;
  return fc.constantFrom<Target>(
    { question: { ...ref, endpoint: "get_task" }, method: "GET", path: `/task/${path}` },
    {
      question: { ...ref, endpoint: "run_task" },
      method: "POST",
      path: `/run-task/${path}`,
      body: { commit: "abc" },
    },
    {
      question: { ...ref, endpoint: "run_task_and_wait" },
      method: "POST",
      path: `/run-task-and-wait/${path}`,
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
    target("rerun_run", "POST", "/rerun", {}),
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
        path: `${path}/fire?${where}`,
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

/** What they do with a run or a trigger is not asked of the control plane. */
const isStart = ({ question }: Target): boolean =>
  /^(?:run|rerun|fire)_/.test(question["endpoint"] ?? "");

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
      fc.constantFrom("task" as const, "webhook" as const),
      fc.array(fc.tuple(targets, fc.constantFrom("alice", "bob", "vera")), {
        minLength: 15,
        maxLength: 25,
      }),
      async (lists, endpointGroups, runScope, asked) => {
        const webhook = await hooks.webhook({ ...lists, endpointGroups, runScope, hooks: [] });
        for (const [target, user] of asked) {
          const key = keys[user] ?? "";
          const { status, body } = await createCaller(webhook.url, key).post(
            "/inspect/decision",
            target.question,
          );
          expect(status, JSON.stringify(target.question)).toBe(200);
          const answer = await ask(webhook, key, target);
          check(target, body, answer);
          const said = body.allowed ? "allowed" : body.rule;
          seen.set(said, (seen.get(said) ?? 0) + 1);
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
function check(target: Target, decision: any, { status, body }: Answer): void {
  const { question } = target;
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
    if (isRefused) {
      expect([isOpen, body.code], about).toEqual([true, "permission_denied"]);
      expect(isStart(target), about).toBe(false);
    }
  } else {
    expect(isRefused, about).toBe(true);
    expect(decision.detail, about).toBe(body.detail);
  }
}

describe("whether a caller may run is asked of the control plane", () => {
  const there = { project: scope.project, domain: "production" };
  const nightly = { task_name: "ci.build", trigger_name: "nightly" };
  const inDevelopment = "flytesnacks/development";
  const inProduction = "flytesnacks/production";

  test.each<[string, "task" | "webhook", Readonly<Record<string, unknown>>, string[], string[]]>([
    [
      "a task of production, run there",
      "task",
      { endpoint: "run_task", ...there, name: "ci.build" },
      [inProduction],
      ["bob", "vera"],
    ],
    [
      "a task of production, run in development",
      "webhook",
      { endpoint: "run_task_and_wait", ...there, name: "ci.build" },
      [inDevelopment, inProduction],
      ["bob", "vera"],
    ],
    [
      "an item of a batch",
      "task",
      { endpoint: "run_tasks", ...scope, name: "ci.build" },
      [inDevelopment],
      ["vera"],
    ],
    [
      "a trigger of production",
      "webhook",
      { endpoint: "fire_trigger", ...nightly, ...there },
      [inProduction],
      ["bob", "vera"],
    ],
    [
      "a trigger of development",
      "webhook",
      { endpoint: "fire_trigger", ...nightly },
      [inDevelopment],
      ["vera"],
    ],
    [
      "a run of production",
      "webhook",
      {
        endpoint: "rerun_run",
        ...there,
        get name() {
          return runs["ci.production"];
        },
      },
      [inProduction],
      ["bob", "vera"],
    ],
    [
      "an image",
      "webhook",
      { endpoint: "build_image", parameters: { pip_packages: ["httpx"], ...there } },
      [inProduction],
      ["bob", "vera"],
    ],
  ])("for %s", async (_, runScope, question, places, refusedTo) => {
    const endpointGroups = ["all", "batch", "wait", "fire", "rerun", "inspect"] as const;
    const webhook = await hooks.webhook({ endpointGroups, runScope, hooks: [] });
    for (const user of ["alice", "bob", "vera"]) {
      const asking = createCaller(webhook.url, keys[user]).post("/inspect/decision", question);
      const { body } = await asking;
      const about = JSON.stringify(body);
      const said = body.steps.filter(
        ({ rule }: { readonly rule: string }) => rule === "controlPlane",
      );
      if (refusedTo.includes(user)) {
        expect(body, about).toMatchObject({ allowed: false, rule: "controlPlane" });
        expect(body.detail, about).toMatch(new RegExp(`^${user} may not run `));
      } else {
        expect(body.allowed, about).toBe(true);
        const asked = said.filter(({ detail }: { readonly detail: string }) =>
          detail.startsWith("May"),
        );
        expect(asked, about).toEqual(
          places.map((place) => ({
            rule: "controlPlane",
            outcome: "allowed",
            detail: expect.stringMatching(new RegExp(`^May run in ${place}, where `)),
          })),
        );
        expect(said.at(-1), about).toMatchObject({ outcome: "not_asked" });
      }
    }
    await webhook.close();
  });

  test.each([
    ["unimplemented", 404],
    ["unavailable", 503],
    ["internal", 500],
    ["invalid_argument", 400],
  ])("and said as not asked where it answers %s", async (code, status) => {
    const webhook = await hooks.webhook({ endpointGroups: ["task", "inspect"], hooks: [] });
    hooks.front.decide((method) =>
      method === "CreateUploadLocation" ? { status, code } : "through",
    );
    const bob = createCaller(webhook.url, keys["bob"]);
    const { body } = await bob.post("/inspect/decision", {
      ...{ endpoint: "run_task", ...there, name: "ci.build" },
    });
    hooks.front.decide(() => "through");
    await webhook.close();
    expect(body.allowed).toBe(true);
    expect(body.steps.at(-2)).toMatchObject({
      outcome: "not_asked",
      detail: expect.stringContaining("Whether the caller may run in flytesnacks/"),
    });
  });
});

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
  let called: readonly string[] = [];
  const { runs: started } = await hooks.runsSince(async () => {
    hooks.front.calls.length = 0;
    for (const question of [
      { endpoint: "run_task", ...scope, name: "ci.build" },
      { endpoint: "fire_trigger", task_name: "ci.build", trigger_name: "nightly" },
      { endpoint: "activate_trigger", task_name: "ci.build", trigger_name: "nightly" },
      { endpoint: "rerun_run", name: runs["ci.build"] },
      { endpoint: "build_image", parameters: { pip_packages: ["httpx"] } },
    ]) {
      const { body } = await alice.post("/inspect/decision", question);
      expect(body, question.endpoint).toMatchObject({ allowed: true });
      expect(body.steps.at(-1)).toMatchObject({ rule: "controlPlane", outcome: "not_asked" });
    }
    called = hooks.front.calls.map(({ method }) => method);
  });
  // Beside what only reads, addresses to upload to are asked for.
  expect(called.filter((method) => !/^(?:Get|List|Select|UserInfo)/.test(method))).toEqual(
    Array(4).fill("CreateUploadLocation"),
  );
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
