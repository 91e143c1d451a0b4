import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { RunSource } from "../../src/idl/runs.ts";
import {
  FixedRateUnit,
  type TriggerAutomationSpecSchema,
  TriggerAutomationSpecType,
  TriggerRevisionAction,
  type TriggerSpecSchema,
} from "../../src/idl/triggers.ts";
import {
  actionOf,
  codeOf,
  connect,
  type DevboxClient,
  nameOf,
  type TaskId,
} from "../support/devbox-client.ts";

let devbox: Devbox;
let alice: DevboxClient;
let bob: DevboxClient;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  alice = connect(devbox, "alice");
  bob = connect(devbox, "bob");
});

afterAll(() => devbox.close());

type Spec = MessageInitShape<typeof TriggerSpecSchema>;
type Automation = MessageInitShape<typeof TriggerAutomationSpecSchema>;

const cron = (expression: string, kickoffTimeInputArg = ""): Automation => ({
  automation: {
    case: "schedule",
    value: {
      expression: { case: "cron", value: { expression, timezone: "" } },
      kickoffTimeInputArg,
    },
  },
});

const never = cron("0 0 29 2 *");

function nameFor({ project, domain, name: taskName }: TaskId, name: string) {
  return { project, domain, taskName, name };
}

async function deploy(
  client: DevboxClient,
  task: TaskId,
  {
    name = "nightly",
    automationSpec = never,
    ...spec
  }: Spec & { name?: string; automationSpec?: Automation } = {},
) {
  const { trigger } = await client.triggers.deployTrigger({
    name: nameFor(task, name),
    spec: { taskVersion: task.version, active: true, ...spec },
    automationSpec,
  });
  if (trigger === undefined) throw new Error("no trigger was answered");
  return trigger;
}

async function runsOf(client: DevboxClient, { project, domain, name }: TaskId) {
  const { runs } = await client.runs.listRuns({
    scopeBy: { case: "taskName", value: { project, domain, name } },
    request: { limit: 200 },
  });
  return runs;
}

describe("a trigger", () => {
  test("is there as it was deployed, with a revision for each change", async () => {
    const task = await alice.deployScript("trigger.life", "true");
    const name = nameFor(task, "nightly");
    const deployed = await deploy(alice, task, { description: "every leap day" });
    expect(deployed).toMatchObject({
      id: { name, revision: 1n },
      spec: { active: true, taskVersion: "v1", description: "every leap day" },
      automationSpec: { type: TriggerAutomationSpecType.TYPE_SCHEDULE },
      metadata: { deployedBy: { principal: { value: { id: { subject: "alice" } } } } },
    });

    await bob.triggers.updateTriggers({ names: [name], active: false });
    await bob.triggers.updateTriggers({ names: [name], active: false });
    const { trigger } = await bob.triggers.getTriggerDetails({ name });
    expect(trigger).toMatchObject({ id: { revision: 2n }, spec: { active: false } });

    await deploy(alice, task, { active: false });
    await alice.triggers.deleteTriggers({ names: [name] });
    await alice.triggers.deleteTriggers({ names: [name] });
    expect(await codeOf(alice.triggers.getTriggerDetails({ name }))).toBe("NotFound");
    expect((await deploy(alice, task)).id?.revision).toBe(5n);

    const history = await alice.triggers.getTriggerRevisionHistory({ name });
    const { DEPLOY, DEACTIVATE, DELETE } = TriggerRevisionAction;
    expect(history.triggers.map(({ action }) => action)).toEqual([
      DEPLOY,
      DELETE,
      DEPLOY,
      DEACTIVATE,
      DEPLOY,
    ]);
    expect(history.triggers[3]).toMatchObject({
      id: { revision: 2n },
      metadata: { updatedBy: { principal: { value: { id: { subject: "bob" } } } } },
    });
    const first = await alice.triggers.getTriggerRevisionDetails({ id: { name, revision: 1n } });
    expect(first.trigger?.description).toBe("every leap day");
  });

  test("is listed by project, task and version, active ones first", async () => {
    const task = await alice.deployScript("trigger.list", "true");
    for (const name of ["a", "b", "c"]) await deploy(alice, task, { name, active: name !== "b" });
    const list = async (limit: number, token = "") => {
      const { project, domain, name } = task;
      const scopeBy = { case: "taskName", value: { project, domain, name } } as const;
      return alice.triggers.listTriggers({ scopeBy, request: { limit, token } });
    };
    const page = await list(2);
    const rest = await list(2, page.token);
    const names = [...page.triggers, ...rest.triggers].map(({ id }) => id?.name?.name);
    expect([names, rest.token]).toEqual([["c", "a", "b"], ""]);
    const ofVersion = await alice.triggers.listTriggers({
      scopeBy: { case: "taskId", value: { ...task, version: "v2" } },
    });
    expect(ofVersion.triggers).toEqual([]);
    const ofProject = await alice.triggers.listTriggers({
      scopeBy: { case: "projectId", value: { name: "flytesnacks", domain: "development" } },
    });
    expect(ofProject.triggers.length).toBeGreaterThanOrEqual(3);
  });

  test("is told with its task", async () => {
    const task = await alice.deployScript("trigger.summary", "true");
    await deploy(alice, task, { name: "one" });
    const summary = async () =>
      (await alice.tasks.getTaskDetails({ taskId: task })).details?.metadata?.triggersSummary
        ?.summary;
    expect(await summary()).toMatchObject({
      case: "details",
      value: { name: "one", active: true },
    });
    await deploy(alice, task, { name: "two", active: false });
    expect(await summary()).toMatchObject({ case: "stats", value: { total: 2, active: 1 } });
  });

  test("is not changed by who knew an older revision", async () => {
    const task = await alice.deployScript("trigger.lock", "true");
    await deploy(alice, task);
    const again = (revision: bigint) =>
      alice.triggers.deployTrigger({
        name: nameFor(task, "nightly"),
        revision,
        spec: { taskVersion: "v1" },
        automationSpec: never,
      });
    expect(await codeOf(again(7n))).toBe("Aborted");
    expect((await again(1n)).trigger?.id?.revision).toBe(2n);
  });

  test("may be switched by who may run the task, and deployed by who may deploy", async () => {
    const task = await alice.deployScript("trigger.rights", "true", { domain: "production" });
    expect(await codeOf(deploy(bob, task))).toBe("PermissionDenied");
    await deploy(alice, task);
    const names = [nameFor(task, "nightly")];
    expect(await codeOf(bob.triggers.updateTriggers({ names, active: false }))).toBe(
      "PermissionDenied",
    );
    expect(await codeOf(bob.triggers.deleteTriggers({ names }))).toBe("PermissionDenied");
    expect(
      (await bob.triggers.getTriggerDetails({ name: nameFor(task, "nightly") })).trigger?.spec
        ?.active,
    ).toBe(true);
  });

  test("that is not there is switched and deleted without an error, as clusters do it", async () => {
    const names = [
      { project: "flytesnacks", domain: "development", taskName: "no.task", name: "no" },
    ];
    await alice.triggers.updateTriggers({ names, active: true });
    await alice.triggers.deleteTriggers({ names });
  });
});

describe("what cannot be", () => {
  test.each<[string, Spec & { automationSpec?: Automation }, string]>([
    ["a schedule of four fields", { automationSpec: cron("* * * *") }, "five fields"],
    [
      "an input of the time that the task has not",
      { automationSpec: cron("@daily", "at") },
      '"at" is no input for a time',
    ],
    ["an input that the task has not", { inputs: { literals: [{ name: "x" }] } }, 'no input "x"'],
  ])("%s", async (_, options, reason) => {
    const task = await alice.deployScript("trigger.faults", "true");
    await expect(deploy(alice, task, options)).rejects.toThrow(reason);
  });

  test("a version of the task that is not there", async () => {
    const task = await alice.deployScript("trigger.version", "true");
    await expect(deploy(alice, { ...task, version: "v9" })).rejects.toThrow("not found");
  });

  test("without an input that the task needs", async () => {
    const taskId = {
      project: "flytesnacks",
      domain: "development",
      name: "trigger.needs",
      version: "v1",
    };
    const type = { type: { case: "simple", value: SimpleType.DATETIME } } as const;
    await alice.tasks.deployTask({
      taskId,
      spec: {
        taskTemplate: {
          interface: {
            inputs: {
              variables: [
                { key: "at", value: { type } },
                { key: "to", value: { type } },
              ],
            },
          },
        },
      },
    });
    await expect(deploy(alice, taskId, { automationSpec: cron("@daily", "at") })).rejects.toThrow(
      'no value for "to", which the task needs',
    );
  });
});

describe("fires", () => {
  test("while it is on, and starts runs of whoever switched it last", async () => {
    const task = await alice.deployScript("trigger.fires", "true");
    const names = [nameFor(task, "nightly")];
    await deploy(alice, task, { active: false, automationSpec: cron("@every 1s") });
    await bob.triggers.updateTriggers({ names, active: true });
    await expect.poll(async () => (await runsOf(alice, task)).length).toBeGreaterThanOrEqual(2);
    await bob.triggers.updateTriggers({ names, active: false });
    const runs = await runsOf(alice, task);
    expect(runs[0]?.action?.metadata).toMatchObject({
      source: RunSource.SCHEDULE_TRIGGER,
      triggerName: "nightly",
      triggerId: { name: names[0], revision: 2n },
      executedBy: { principal: { value: { id: { subject: "bob" } } } },
    });
    expect(new Set(runs.map(nameOf)).size).toBe(runs.length);
    const { trigger } = await alice.triggers.getTriggerDetails({ name: names[0] ?? {} });
    expect(trigger?.status?.triggeredAt).toBeDefined();
  });

  test("runs that start when it was due, however late they are", async () => {
    const task = await alice.deployScript("trigger.due", "echo due {{.runStartTime}}");
    const due = Date.now() + 1000;
    const rate = { value: 1, unit: FixedRateUnit.DAY, startTime: timestampFromMs(due) };
    await deploy(alice, task, {
      automationSpec: {
        automation: { case: "schedule", value: { expression: { case: "rate", value: rate } } },
      },
    });
    await expect.poll(() => runsOf(alice, task)).toHaveLength(1);
    const [run] = await runsOf(alice, task);
    if (run === undefined) throw new Error("no run was started");
    await alice.reach(run);
    const lines: string[] = [];
    for await (const { logs } of alice.data.tailLogs({ actionId: actionOf(run), attempt: 1 })) {
      lines.push(...logs.flatMap(({ lines }) => lines.map(({ message }) => message.trim())));
    }
    expect(lines).toEqual([`due ${new Date(due).toISOString()}`]);
  });

  test("on demand, with its own inputs", async () => {
    const task = await alice.deployScript("trigger.demand", "true");
    await deploy(alice, task, {
      active: false,
      runSpec: { envs: { values: [{ key: "FROM", value: "trigger" }] } },
    });
    const run = await alice.start(task, {
      task: { case: "triggerName", value: nameFor(task, "nightly") },
    });
    const { details } = await alice.runs.getRunDetails({
      runId: run.action?.id?.run ?? {},
    });
    expect(details?.runSpec?.envs?.values).toMatchObject([{ key: "FROM", value: "trigger" }]);
    const missing = alice.start(task, {
      task: { case: "triggerName", value: nameFor(task, "no") },
    });
    expect(await codeOf(missing)).toBe("NotFound");
  });
});

test("a task that is deployed with triggers has those and no others", async () => {
  const task = await alice.deployScript("trigger.attached", "true");
  await deploy(alice, task, { name: "by-hand" });
  const { details } = await alice.tasks.getTaskDetails({ taskId: task });
  const spec = details?.spec;
  if (spec === undefined) throw new Error("no specification");
  const withTriggers = (...names: readonly string[]) =>
    alice.tasks.deployTask({
      taskId: { ...task, version: "v2" },
      spec,
      triggers: names.map((name) => ({ name, spec: { active: true }, automationSpec: never })),
    });
  await withTriggers("kept", "gone");
  await withTriggers("kept");
  const { triggers } = await alice.triggers.listTriggers({
    scopeBy: { case: "taskId", value: { ...task, version: "v2" } },
  });
  expect(triggers.map(({ id }) => [id?.name?.name, id?.revision])).toEqual([["kept", 2n]]);
  const byHand = nameFor(task, "by-hand");
  expect(await codeOf(alice.triggers.getTriggerDetails({ name: byHand }))).toBe("NotFound");
  expect(await codeOf(withTriggers("twice", "twice"))).toBe("InvalidArgument");
});

test("what was due while the devbox was away is caught up, once", async () => {
  const state = await mkdtemp(join(tmpdir(), "flyte-triggers-"));
  onTestFinished(() => rm(state, { recursive: true, force: true, maxRetries: 5 }));
  const first = await startDevbox({ state, port: 0 });
  let task: TaskId;
  try {
    const client = connect(first, "alice");
    task = await client.deployScript("trigger.away", "true");
    await deploy(client, task, { automationSpec: cron("@every 1s") });
    await expect.poll(async () => (await runsOf(client, task)).length).toBeGreaterThanOrEqual(1);
  } finally {
    await first.close();
  }
  await using second = await startDevbox({ state, port: 0 });
  const client = connect(second, "alice");
  await expect.poll(async () => (await runsOf(client, task)).length).toBeGreaterThanOrEqual(3);
  await client.triggers.updateTriggers({ names: [nameFor(task, "nightly")], active: false });
  const { trigger } = await client.triggers.getTriggerRevisionDetails({
    id: { name: nameFor(task, "nightly"), revision: 1n },
  });
  const runs = await runsOf(client, task);
  const { trigger: now } = await client.triggers.getTriggerDetails({
    name: nameFor(task, "nightly"),
  });
  const from = Number(trigger?.status?.updatedAt?.seconds);
  const until = Number(now?.status?.triggeredAt?.seconds);
  expect(runs).toHaveLength(until - from);
});
