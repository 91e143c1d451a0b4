import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { authMetadata } from "../../src/client/auth-metadata.ts";
import type { CallOptions } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import type { ControlPlaneOptions } from "../../src/client/options.ts";
import { Trigger } from "../../src/client/remote/index.ts";
import {
  type TriggerDetails,
  TriggerDetailsSchema,
  TriggerService,
} from "../../src/idl/triggers.ts";
import { startStub } from "../support/scripted-control-plane.ts";

const nightly = { task: "stats.describe", name: "nightly" };

function stubTrigger(active: boolean, revision = 2n): TriggerDetails {
  const name = { project: "p", domain: "d", taskName: "stats.describe", name: "nightly" };
  return create(TriggerDetailsSchema, {
    id: { name, revision },
    spec: { active, taskVersion: "v7", description: "Every night." },
  });
}

/** A control plane with one trigger; `stuck` ones do not change. */
async function connect(
  trigger?: TriggerDetails,
  options: Omit<ControlPlaneOptions, "endpoint"> & { readonly stuck?: boolean } = {},
) {
  const { stuck = false, ...others } = options;
  const plane = { trigger };
  const asked: unknown[] = [];
  const stub = await startStub((router) => {
    router.service(TriggerService, {
      getTriggerDetails({ name }) {
        const { org, project, domain, taskName, name: own } = name ?? {};
        asked.push([org, project, domain, taskName, own]);
        if (plane.trigger !== undefined) return { trigger: plane.trigger };
        throw new ConnectError("no such trigger", Code.NotFound);
      },
      updateTriggers({ names, active }) {
        asked.push(
          ...names.map(({ org, project, domain, taskName, name }) => [
            ...[org, project, domain, taskName, name, active],
          ]),
        );
        const spec = plane.trigger?.spec;
        if (spec !== undefined && !stuck) spec.active = active;
        return {};
      },
    });
  });
  const scope = { project: "p", domain: "d" };
  const flyte = createControlPlane({ endpoint: stub.url, ...scope, ...others });
  onTestFinished(() => flyte.close());
  return { flyte, stub, plane, asked };
}

test("a trigger is told with what it starts", async () => {
  const { flyte, stub, asked } = await connect(stubTrigger(true), { org: "acme" });
  expect(await flyte.triggers.get(nightly)).toEqual({
    project: "p",
    domain: "d",
    task: "stats.describe",
    name: "nightly",
    active: true,
    revision: 2,
    taskVersion: "v7",
    description: "Every night.",
    url: `${stub.url}/v2/domain/d/project/p/triggers/stats.describe/nightly`,
  });
  expect(asked).toEqual([["acme", "p", "d", "stats.describe", "nightly"]]);
});

test("what an answer leaves out is told as it was asked for", async () => {
  const bare = create(TriggerDetailsSchema, { spec: {}, description: "Own." });
  const { flyte } = await connect(bare);
  expect(await flyte.triggers.get({ ...nightly, project: "q", domain: "e" })).toMatchObject({
    ...{ project: "q", domain: "e", task: "stats.describe", name: "nightly" },
    ...{ active: false, revision: 0, taskVersion: "", description: "Own." },
  });
});

test("names of every kind are escaped in the address of the page", async () => {
  const { flyte, stub } = await connect(create(TriggerDetailsSchema, { spec: {} }));
  const name = fc
    .string({ unit: fc.constantFrom(..."aé?#%&=:. +"), minLength: 1, maxLength: 8 })
    .filter((text) => text === text.trim() && !/^\.\.?$/.test(text));
  await fc.assert(
    fc.asyncProperty(name, name, async (task, own) => {
      const { url } = await flyte.triggers.get({ task, name: own });
      const prefix = `${stub.url}/v2/domain/d/project/p/triggers/`;
      expect(url.startsWith(prefix)).toBe(true);
      expect(url).not.toMatch(/[?# ]/);
      expect(url.slice(prefix.length).split("/").map(decodeURIComponent)).toEqual([task, own]);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ["activate", true],
  ["deactivate", false],
] as const)("%s looks the trigger up, changes it and reads it back", async (action, active) => {
  for (const before of [true, false]) {
    const { flyte, stub, asked } = await connect(stubTrigger(before));
    expect(await flyte.triggers[action](nightly)).toMatchObject({ name: "nightly", active });
    expect(stub.methods()).toEqual(["GetTriggerDetails", "UpdateTriggers", "GetTriggerDetails"]);
    expect(asked[1]).toEqual(["", "p", "d", "stats.describe", "nightly", active]);
  }
});

test("a trigger that does not exist is not found and not changed", async () => {
  const { flyte, stub } = await connect();
  for (const call of [flyte.triggers.get, flyte.triggers.activate, flyte.triggers.deactivate]) {
    await expect(call(nightly)).rejects.toMatchObject({ code: "not_found" });
  }
  expect(stub.methods()).not.toContain("UpdateTriggers");
});

test("a trigger that is kept as deleted is not found and not changed", async () => {
  const status = { deletedAt: timestampFromMs(1) };
  const { flyte, stub } = await connect(create(TriggerDetailsSchema, { spec: {}, status }));
  await expect(flyte.triggers.activate(nightly)).rejects.toMatchObject({
    code: "not_found",
    message: "Trigger nightly of task stats.describe is deleted.",
  });
  expect(stub.methods()).toEqual(["GetTriggerDetails"]);
});

test.each([
  ["activate", false, "still inactive"],
  ["deactivate", true, "still active"],
] as const)("%s that leads to nothing is a conflict", async (action, before, message) => {
  const { flyte } = await connect(stubTrigger(before), { stuck: true });
  await expect(flyte.triggers[action](nightly)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining(message),
  });
});

test("an answer that does not tell whether the trigger is active is an error", async () => {
  const { flyte } = await connect(create(TriggerDetailsSchema));
  await expect(flyte.triggers.get(nightly)).rejects.toMatchObject({ code: "internal" });
});

test.each([
  [{ task: "", name: "n" }, "the task name must not be empty"],
  [{ task: "t", name: "" }, "the trigger name must not be empty"],
  [{ task: "t", name: "a/b" }, "must not hold a slash"],
  [{ task: "..", name: "n" }, 'must not hold a slash or be "." or ".."'],
  [{ task: "t", name: "n".repeat(256) }, "at most 255 characters"],
  [{ task: "t", name: "n", domain: "d\u202e" }, "not allowed"],
])("%j is refused before anything is asked", async (ref, message) => {
  const { flyte, stub } = await connect(stubTrigger(true));
  const { get, activate, deactivate, history, fire } = flyte.triggers;
  for (const call of [get, activate, deactivate, history, fire, flyte.triggers.delete]) {
    await expect(call(ref)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(message),
    });
  }
  expect(stub.calls).toEqual([]);
});

test("without project and domain anywhere nothing is asked", async () => {
  const { stub } = await connect(stubTrigger(true));
  const bare = createControlPlane({ endpoint: stub.url });
  onTestFinished(() => bare.close());
  await expect(bare.triggers.activate(nightly)).rejects.toThrow("No project is given");
  expect(stub.calls).toEqual([]);
});

test("each request carries the credential of its caller and no other", async () => {
  const { flyte, stub } = await connect(stubTrigger(true));
  const toggle = async (caller: string, options?: CallOptions) => {
    await flyte.triggers.activate(nightly, options);
    await flyte.triggers.deactivate({ ...nightly, project: caller }, options).catch(() => {});
  };
  await Promise.all([
    authMetadata([["authorization", "ann"]], () => toggle("ann")),
    authMetadata([["authorization", "bob"]], () => toggle("bob")),
    // The credential of the call wins over the one bound around it.
    authMetadata([["authorization", "ann"]], () =>
      toggle("eve", { auth: [["authorization", "eve"]] }),
    ),
  ]);
  await flyte.triggers.get(nightly);
  const seen = stub.calls.map(({ headers }) => headers.authorization);
  expect(seen.pop()).toBeUndefined();
  for (const caller of ["ann", "bob", "eve"]) {
    expect(seen.filter((one) => one === caller)).toHaveLength(6);
  }
  expect(seen).toHaveLength(18);
});

test("a handle tells what was last read", async () => {
  const { flyte, stub, plane } = await connect(stubTrigger(false));
  const trigger = await Trigger.get(nightly, { controlPlane: flyte });
  expect([trigger.task, trigger.name, trigger.project, trigger.domain]).toEqual([
    ...["stats.describe", "nightly", "p", "d"],
  ]);
  expect(trigger.url).toBe(`${stub.url}/v2/domain/d/project/p/triggers/stats.describe/nightly`);
  expect([trigger.active, trigger.revision]).toEqual([false, 2]);
  expect(await trigger.activate()).toBe(trigger.status);
  expect(trigger.active).toBe(true);
  await trigger.deactivate();
  expect(trigger.active).toBe(false);
  plane.trigger = stubTrigger(true, 5n);
  expect(trigger.active).toBe(false);
  expect((await trigger.refresh()).revision).toBe(5);
  expect([trigger.active, trigger.revision]).toEqual([true, 5]);
});
