import { afterAll, beforeAll, expect, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { Trigger } from "../../src/client/remote/index.ts";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { connect } from "../support/devbox-client.ts";

let devbox: Devbox;
let flyte: ControlPlane;

const scope = { project: "flytesnacks", domain: "development" };
const minute = 60_000;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  flyte = createControlPlane({
    endpoint: devbox.url,
    ...scope,
    authenticator: bearerAuthenticator(devbox.keys["alice"] ?? ""),
  });
});

afterAll(async () => {
  await flyte.close();
  await devbox.close();
});

/** A task that takes a number, a text with a default and a time with one. */
async function deployTask(name: string, version = "v1"): Promise<void> {
  const type = (simple: SimpleType) => ({ type: { case: "simple", value: simple } as const });
  const text = (value: string) => ({
    behavior: {
      case: "default" as const,
      value: {
        value: {
          case: "scalar" as const,
          value: {
            value: {
              case: "primitive" as const,
              value: { value: { case: "stringValue" as const, value } },
            },
          },
        },
      },
    },
  });
  await connect(devbox, "alice").tasks.deployTask({
    taskId: { ...scope, name, version },
    spec: {
      defaultInputs: [{ name: "text", parameter: text("own") }],
      taskTemplate: {
        type: "shell",
        target: { case: "container", value: { args: ["true"] } },
        interface: {
          inputs: {
            variables: [
              { key: "count", value: { type: type(SimpleType.INTEGER) } },
              { key: "text", value: { type: type(SimpleType.STRING) } },
              { key: "at", value: { type: type(SimpleType.DATETIME) } },
            ],
          },
        },
      },
    },
  });
}

test("a trigger is created, read, replaced, told of and deleted", async () => {
  await deployTask("client.life");
  const wanted = {
    task: "client.life",
    name: "berlin",
    schedule: { cron: "30 2 * * *", timezone: "Europe/Berlin" },
    description: "Every night.",
    inputs: { count: 3 },
    timeInput: "at",
  };
  const before = Date.now();
  const created = await flyte.triggers.deploy(wanted);
  expect(created).toMatchObject({
    ...{ ...scope, task: "client.life", name: "berlin", active: true, revision: 1 },
    ...{ taskVersion: "v1", description: "Every night.", timeInput: "at", updatedBy: "alice" },
    schedule: "30 2 * * * (Europe/Berlin)",
    lastFiredAt: undefined,
  });
  expect(created.nextFireAt?.getTime()).toBeGreaterThan(before);
  expect(created.nextFireAt?.toISOString()).toMatch(/T0[01]:30:00\.000Z$/);
  expect(await flyte.triggers.get(wanted)).toEqual(created);

  const off = await flyte.triggers.deactivate(wanted);
  expect(off).toMatchObject({ active: false, nextFireAt: undefined, revision: 2 });

  await expect(flyte.triggers.deploy({ ...wanted, revision: 1 })).rejects.toMatchObject({
    code: "conflict",
  });
  const replaced = await flyte.triggers.deploy({
    ...wanted,
    revision: 2,
    schedule: { everyMinutes: 15 },
  });
  expect(replaced).toMatchObject({ revision: 3, schedule: "every 15 minutes" });
  const { updatedAt, nextFireAt } = replaced;
  expect((nextFireAt?.getTime() ?? 0) - (updatedAt?.getTime() ?? 0)).toBe(15 * minute);

  await flyte.triggers.delete(wanted);
  await flyte.triggers.delete(wanted);
  await expect(flyte.triggers.get(wanted)).rejects.toMatchObject({ code: "not_found" });
  const history = await flyte.triggers.history(wanted);
  expect(history.map(({ revision, action, by }) => [revision, action, by])).toEqual([
    [4, "delete", "alice"],
    [3, "deploy", "alice"],
    [2, "deactivate", "alice"],
    [1, "deploy", "alice"],
  ]);
  expect(history[0]?.at).toBeInstanceOf(Date);
  const never = { task: "client.life", name: "never" };
  await expect(flyte.triggers.history(never)).rejects.toMatchObject({ code: "not_found" });
});

test("triggers are listed by task and by scope, over pages", async () => {
  await deployTask("client.many");
  await deployTask("client.other");
  const schedule = { cron: "@yearly" };
  const names = Array.from({ length: 103 }, (_, index) => `t${index}`);
  const inputs = { count: 1, at: "2026-01-01T00:00:00Z" };
  await Promise.all(
    names.map((name) => flyte.triggers.deploy({ task: "client.many", name, schedule, inputs })),
  );
  await flyte.triggers.deploy({ task: "client.other", name: "one", schedule, inputs });
  const ofTask = await flyte.triggers.list({ task: "client.many" });
  expect(ofTask.map(({ name }) => name).sort()).toEqual([...names].sort());
  expect(ofTask[0]).toMatchObject({ ...scope, task: "client.many", schedule: "@yearly (UTC)" });
  expect(await flyte.triggers.list({}, { limit: 101 })).toHaveLength(101);
  const all = await flyte.triggers.list();
  expect(all.filter(({ task }) => task === "client.other")).toHaveLength(1);
  expect(await flyte.triggers.list({ task: "client.none" })).toEqual([]);
});

test.each([
  [{ schedule: { cron: "* * * *" } }, "invalid_input", "five fields"],
  [{ schedule: { cron: "@daily", timezone: "Mars/Base" } }, "invalid_input", "Mars/Base"],
  [{ schedule: { everyMinutes: 1.5 } }, "invalid_input", "whole number"],
  [{ inputs: { count: "x" } }, "invalid_input", "count"],
  [{ inputs: { count: 1, cuont: 1 } }, "invalid_input", "cuont"],
  [{ inputs: {} }, "invalid_input", "count"],
  [{ timeInput: "text" }, "invalid_input", "takes a time"],
  [{ timeInput: "when" }, "invalid_input", "takes a time"],
  [{ inputs: { count: 1, at: "2026-01-01T00:00:00Z" } }, "invalid_input", "leave it out"],
  [{ taskVersion: "v9" }, "not_found", "v9"],
  [{ task: "client.absent" }, "not_found", "client.absent"],
])("%j is refused, and nothing is stored", async (change, code, reason) => {
  await deployTask("client.faults");
  const wanted = {
    task: "client.faults",
    name: "faulty",
    schedule: { cron: "@daily" },
    inputs: { count: 1 },
    timeInput: "at",
  };
  await expect(flyte.triggers.deploy({ ...wanted, ...change })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(reason),
  });
  await expect(flyte.triggers.get(wanted)).rejects.toMatchObject({ code: "not_found" });
});

test("fired on demand, a trigger gives its inputs and settings, and others are laid over them", async () => {
  await deployTask("client.fire");
  const trigger = await Trigger.create(
    {
      ...{ task: "client.fire", name: "nightly", schedule: { cron: "@yearly" } },
      ...{ inputs: { count: 7n }, timeInput: "at", active: false },
      ...{ env: { FROM: "trigger", KEPT: "1" }, labels: { team: "a" } },
    },
    { controlPlane: flyte },
  );
  await deployTask("client.fire", "v2");
  const before = Date.now();
  const plain = await trigger.fire();
  expect(plain.status.task).toMatchObject({ name: "client.fire", version: "v1" });
  const inputs = await plain.inputs();
  expect(inputs).toMatchObject({ count: 7, text: "own" });
  expect(Date.parse(String(inputs["at"]))).toBeGreaterThanOrEqual(before);
  expect((await trigger.refresh()).lastFiredAt?.getTime()).toBeGreaterThanOrEqual(before);
  expect(trigger.active).toBe(false);

  const laid = await trigger.fire(
    { count: 8, at: new Date("2026-05-01T00:00:00Z") },
    { name: "fired-once", env: { FROM: "caller" }, labels: { by: "me" } },
  );
  expect(laid.name).toBe("fired-once");
  expect(await laid.inputs()).toEqual({ count: 8, text: "own", at: "2026-05-01T00:00:00+00:00" });
  const { details } = await connect(devbox, "alice").runs.getRunDetails({
    runId: { ...scope, name: "fired-once" },
  });
  const envs = details?.runSpec?.envs?.values.map(({ key, value }) => `${key}=${value}`);
  expect(envs?.sort()).toEqual(["FROM=caller", "KEPT=1"]);
  expect(details?.runSpec?.labels?.values).toEqual({ team: "a", by: "me" });
  expect(details?.action?.metadata).toMatchObject({ triggerName: "nightly" });

  // A name makes it safe to repeat.
  expect((await trigger.fire({ count: 9 }, { name: "fired-once" })).name).toBe("fired-once");
  await expect(trigger.fire({ count: "x", other: 1 })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(/count.*other|other.*count/s),
  });
  await trigger.delete();
  await expect(trigger.fire()).rejects.toMatchObject({ code: "not_found" });
});

test("who may run but not deploy fires and switches, and creates nothing", async () => {
  await deployTask("client.rights");
  const wanted = {
    ...{ task: "client.rights", name: "nightly", schedule: { cron: "@yearly" } },
    ...{ inputs: { count: 1 }, timeInput: "at" },
  };
  await flyte.triggers.deploy(wanted);
  const options = { auth: [["authorization", `Bearer ${devbox.keys["bob"]}`]] } as const;
  expect((await flyte.triggers.fire(wanted, {}, options)).owner).toBe("bob");
  expect(await flyte.triggers.deactivate(wanted, options)).toMatchObject({ updatedBy: "bob" });
  for (const refused of [flyte.triggers.deploy, flyte.triggers.delete]) {
    await expect(refused(wanted, options)).rejects.toMatchObject({ code: "permission_denied" });
  }
});
