import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { expect, onTestFinished, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import { openDatabase } from "../../src/devbox/store/database.ts";
import { putRole } from "../../src/devbox/store/identities.ts";
import { ProjectService, ProjectState } from "../../src/idl/projects.ts";
import {
  codeOf,
  connect,
  type DevboxClient,
  nameOf,
  type TaskId,
} from "../support/devbox-client.ts";

/** What keeps a trigger from firing, and what does not. */
const everySecond = {
  automation: {
    case: "schedule",
    value: { expression: { case: "cron", value: { expression: "@every 1s", timezone: "" } } },
  },
} as const;

const nameFor = ({ project, domain, name: taskName }: TaskId, name = "ticking") => ({
  ...{ project, domain, taskName, name },
});

function deploy(client: DevboxClient, task: TaskId, name?: string) {
  return client.triggers.deployTrigger({
    name: nameFor(task, name),
    spec: { taskVersion: task.version, active: true },
    automationSpec: everySecond,
  });
}

async function runsOf(client: DevboxClient, task: TaskId): Promise<readonly string[]> {
  const { runs } = await client.runs.listRuns({
    scopeBy: { case: "triggerName", value: nameFor(task) },
    request: { limit: 200 },
  });
  return runs.map(nameOf);
}

async function statusOf(client: DevboxClient, task: TaskId) {
  const { trigger } = await client.triggers.getTriggerDetails({ name: nameFor(task) });
  return {
    active: trigger?.spec?.active,
    lastFired: Number(trigger?.status?.triggeredAt?.seconds),
  };
}

/** Waits until a trigger has fired again. */
async function waitForFire(client: DevboxClient, task: TaskId): Promise<void> {
  const before = (await runsOf(client, task)).length;
  await expect
    .poll(async () => (await runsOf(client, task)).length, { timeout: 30_000 })
    .toBeGreaterThan(before);
}

test("whoever may not run the task any more starts no runs, and the log says why", async () => {
  const state = await mkdtemp(join(tmpdir(), "flyte-triggers-"));
  onTestFinished(() => rm(state, { recursive: true, force: true, maxRetries: 5 }));
  let task: TaskId;
  {
    await using devbox = await startDevbox({ state, port: 0 });
    const [alice, bob] = [connect(devbox, "alice"), connect(devbox, "bob")];
    task = await alice.deployScript("fires.revoked", "true");
    await deploy(alice, task);
    // From then on its runs are those of bob.
    for (const active of [false, true]) {
      await bob.triggers.updateTriggers({ names: [nameFor(task)], active });
    }
    await waitForFire(alice, task);
  }
  {
    await using database = openDatabase(join(state, "devbox.db"));
    const role = { subject: "bob", project: "*", domain: "development", role: "viewer" } as const;
    await database.write(() => putRole(database, role));
  }
  const logged: string[] = [];
  const log = {
    ...silentLogger,
    error: (fields: object, message?: string) => void logged.push(`${message} ${toText(fields)}`),
  };
  await using devbox = await startDevbox({ state, port: 0, log });
  const alice = connect(devbox, "alice");
  const [runs, before] = [await runsOf(alice, task), await statusOf(alice, task)];
  await expect.poll(() => logged.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
  expect(logged.at(-1)).toBe(
    'a trigger could not start its run flytesnacks/development/fires.revoked/ticking: bob may not run tasks in "flytesnacks/development".',
  );
  expect(await runsOf(alice, task)).toEqual(runs);
  // It stays on, and is not said to have fired.
  expect(await statusOf(alice, task)).toEqual({ ...before, active: true });
  // Whoever may switches it on anew, and its runs are theirs.
  for (const active of [false, true]) {
    await alice.triggers.updateTriggers({ names: [nameFor(task)], active });
  }
  await waitForFire(alice, task);
});

function toText(fields: object): string {
  const { err, trigger } = fields as { readonly err: Error; readonly trigger: string };
  return `${trigger}: ${"rawMessage" in err ? err.rawMessage : err.message}`;
}

function projectsOf(devbox: Devbox) {
  const transport = createConnectTransport({
    baseUrl: devbox.url,
    httpVersion: "1.1",
    interceptors: [
      (next) => (request) => {
        request.header.set("authorization", `Bearer ${devbox.keys["alice"]}`);
        return next(request);
      },
    ],
  });
  return createClient(ProjectService, transport);
}

test("nothing fires in a project that is archived, and it goes on when it no longer is", async () => {
  await using devbox = await startDevbox({ state: "memory", port: 0 });
  const alice = connect(devbox, "alice");
  const projects = projectsOf(devbox);
  await projects.createProject({ project: { id: "old" } });
  const archive = (state: ProjectState) =>
    projects.updateProject({ project: { id: "old", state } });
  const control = await alice.deployScript("fires.control", "true");
  const task = { ...control, project: "old" };
  const { details } = await alice.tasks.getTaskDetails({ taskId: control });
  await alice.tasks.deployTask({ taskId: task, ...(details?.spec && { spec: details.spec }) });
  await archive(ProjectState.ARCHIVED);
  await deploy(alice, control);
  await deploy(alice, task);
  for (let fires = 0; fires < 3; fires += 1) await waitForFire(alice, control);
  expect(await runsOf(alice, task)).toEqual([]);
  await archive(ProjectState.ACTIVE);
  await waitForFire(alice, task);
});

test("a task that is deployed without triggers keeps those that were made by hand", async () => {
  await using devbox = await startDevbox({ state: "memory", port: 0 });
  const alice = connect(devbox, "alice");
  const task = await alice.deployScript("fires.kept", "true");
  await deploy(alice, task);
  await alice.deployScript("fires.kept", "false");
  const { trigger } = await alice.triggers.getTriggerDetails({ name: nameFor(task) });
  expect(trigger).toMatchObject({ id: { revision: 1n }, spec: { active: true } });
  await waitForFire(alice, task);
});

test("the runs of a trigger are listed, also when it is deleted, for who may read them", async () => {
  await using devbox = await startDevbox({ state: "memory", port: 0 });
  const alice = connect(devbox, "alice");
  const task = await alice.deployScript("fires.listed", "true");
  await deploy(alice, task);
  await deploy(alice, task, "other");
  await waitForFire(alice, task);
  await alice.triggers.deleteTriggers({ names: [nameFor(task), nameFor(task, "other")] });
  const started = await alice.start(task, { task: { case: "taskId", value: task } });
  const listed = await runsOf(alice, task);
  expect(listed.length).toBeGreaterThan(0);
  expect(listed).not.toContain(nameOf(started));
  const { runs } = await alice.runs.listRuns({
    scopeBy: { case: "taskName", value: task },
    request: { limit: 200 },
  });
  const ofTicking = runs.filter(({ action }) => action?.metadata?.triggerName === "ticking");
  expect(ofTicking.map(nameOf).sort()).toEqual([...listed].sort());
  expect(await runsOf(alice, { ...task, name: "fires.never" })).toEqual([]);
  const nobody = connect({ ...devbox, keys: {} }, "nobody");
  expect(await codeOf(runsOf(nobody, task))).toBe("Unauthenticated");
});
