import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bearerAuthenticator } from "../../src/client/auth/bearer.ts";
import type { ConditionStatus } from "../../src/client/condition-calls.ts";
import type { ControlPlane } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { ServerProcess } from "../support/dev-process.ts";

function connect({ ready }: ServerProcess, user = "alice"): ControlPlane {
  return createControlPlane({
    endpoint: ready.controlPlane,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(ready.keys[user] ?? ""),
  });
}

const task = { name: "approval.release" };

/** Waits until a run waits for a condition. */
async function untilAsked(
  flyte: ControlPlane,
  name: string,
  condition: string,
): Promise<ConditionStatus> {
  let found: ConditionStatus | undefined;
  await expect
    .poll(async () => {
      const all = await flyte.conditions.list({ name });
      found = all.find((one) => one.name === condition && one.open);
      return found?.name;
    })
    .toBe(condition);
  if (found === undefined) throw new Error("nothing was found");
  return found;
}

test("a task waits for a person across a kill -9, and a further attempt keeps what was answered", async () => {
  const state = await mkdtemp(join(tmpdir(), "flyte-webhook-conditions-"));
  onTestFinished(() => rm(state, { recursive: true, force: true, maxRetries: 10 }));
  const args = ["dev", "--state", state, "--port", "0", "--devbox-port", "0"];
  let name: string;
  let first: ConditionStatus;
  {
    await using server = await ServerProcess.start(args);
    await using flyte = connect(server);
    ({ name } = await flyte.runs.start(task, { version: "1.2" }));
    await untilAsked(flyte, name, "approve");
    first = await flyte.conditions.signal({ name, condition: "approve" }, true);
    expect(first).toMatchObject({ phase: "succeeded", value: true, signalledBy: "alice" });
    const asked = await untilAsked(flyte, name, "percent");
    expect(asked).toMatchObject({ type: "float", parent: "a0", phase: "paused", value: undefined });
    await server.stop("SIGKILL");
  }
  await using server = await ServerProcess.start(args);
  await using alice = connect(server);
  await using bob = connect(server, "bob");
  expect((await alice.conditions.get({ name, condition: "percent" })).open).toBe(true);
  expect((await alice.runs.get({ name })).done).toBe(false);
  expect(await alice.conditions.get({ name, condition: "approve" })).toEqual(first);
  await bob.conditions.signal({ name, condition: "percent" }, 12.5);
  const ended = await alice.runs.wait({ name });
  expect(ended).toMatchObject({ phase: "succeeded", attempts: 2 });
  expect((await alice.runs.io({ name })).outputs).toEqual({ o0: true, o1: 12.5 });
  expect(await alice.conditions.list({ name })).toHaveLength(2);
});

test("a person can say no, a value of another type is refused, and the run can be aborted meanwhile", async () => {
  await using server = await ServerProcess.start([
    ...["dev", "--state", "memory", "--port", "0", "--devbox-port", "0"],
  ]);
  await using flyte = connect(server);
  const [no, aborted] = await Promise.all(
    ["1", "2"].map((version) => flyte.runs.start(task, { version })),
  );
  if (no === undefined || aborted === undefined) throw new Error("two runs were started");
  const ref = { name: no.name, condition: "approve" };
  const asked = await untilAsked(flyte, no.name, "approve");
  expect(asked).toMatchObject({ type: "boolean", prompt: "Release 1?", promptType: "text" });
  for (const value of ["yes", 1, null, [true]]) {
    await expect(flyte.conditions.signal(ref, value)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining('condition "approve" takes a value of type boolean'),
    });
  }
  await expect(flyte.conditions.get({ ...ref, condition: "other" })).rejects.toThrow(
    `Run ${no.name} has no condition "other". It waits for "approve".`,
  );
  await flyte.conditions.signal({ ...ref, condition: asked.action }, false);
  expect((await flyte.runs.wait(no)).phase).toBe("succeeded");
  expect((await flyte.runs.io(no)).outputs).toEqual({ o0: false, o1: 0 });
  await flyte.conditions.signal(ref, false);
  await expect(flyte.conditions.signal(ref, true)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/was signalled with false by alice at .* already/),
  });

  await untilAsked(flyte, aborted.name, "approve");
  await flyte.runs.abort(aborted);
  await expect(
    flyte.conditions.signal({ name: aborted.name, condition: "approve" }, true),
  ).rejects.toMatchObject({ code: "conflict" });
});
