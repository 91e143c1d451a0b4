import { expect, test } from "vitest";
import { printCondition } from "../support/app-rows.ts";
import {
  ask,
  askText,
  isRunning,
  jsonApp,
  lastMessage,
  startRuntime,
} from "../support/app-runtime.ts";

test("a new revision is proven by a replica that listens", async () => {
  const { runtime, deploy, reach, acquire } = await startRuntime();
  const row = deploy({ command: jsonApp });
  expect(printCondition(runtime.state(row.id))).toBe("DEPLOYING initializing");
  const state = await reach(row, "ACTIVE running");
  expect(state.currentReplicas).toBe(1);
  expect(state.replicas).toMatchObject([{ revision: 1, phase: "ready" }]);

  const lease = await acquire(row);
  const { pid } = await ask(lease);
  expect(lease.replica).toBe(state.replicas[0]?.name);
  lease.release();
  await runtime.remove(row.id);
  expect(isRunning(pid)).toBe(false);
  expect(runtime.state(row.id)).toBeUndefined();
});

test("200 requests to a sleeping app start it once", async () => {
  const { deploy, reach, runtime } = await startRuntime();
  const row = deploy({ command: jsonApp, scaledownSeconds: 0 });
  await reach(row, "ACTIVE scaled_to_zero");
  const names = new Set<string>();
  runtime.onChange(({ state }) => {
    for (const { name } of state?.replicas ?? []) names.add(name);
  });
  const leases = await Promise.all(
    Array.from({ length: 200 }, () => runtime.acquire(row.id, new AbortController().signal)),
  );
  const answers = await Promise.all(leases.map((lease) => ask(lease)));
  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
  expect(names.size).toBe(1);
  for (const lease of leases) lease.release();
  await reach(row, "ACTIVE scaled_to_zero");
});

test("a stopped app has no process and refuses requests", async () => {
  const { runtime, deploy, reach, acquire } = await startRuntime();
  const row = deploy({ command: jsonApp });
  await reach(row, "ACTIVE running");
  const lease = await acquire(row);
  const { pid } = await ask(lease);
  lease.release();
  deploy({ command: jsonApp, stopped: true });
  await reach(row, "STOPPED unspecified");
  expect(isRunning(pid)).toBe(false);
  await expect(acquire(row)).rejects.toMatchObject({ code: "not_found" });
  deploy({ command: jsonApp });
  await reach(row, "ACTIVE running");
  expect(lastMessage(runtime.state(row.id))).toBe("Ready: 1 replica.");
});

test("requests of a replica that is replaced are answered", async () => {
  const { runtime, deploy, reach, acquire } = await startRuntime();
  const row = deploy({ command: jsonApp });
  await reach(row, "ACTIVE running");
  const first = await acquire(row);
  const { pid } = await ask(first);
  const held = askText(first, "/wait");
  deploy({ command: jsonApp, env: { VERSION: "2" } });
  await expect
    .poll(() => runtime.state(row.id)?.replicas.map(({ phase }) => phase))
    .toEqual(["ready", "draining"]);
  const second = await acquire(row);
  expect((await ask(second)).env["VERSION"]).toBe("2");
  second.release();
  await askText(first, "/go");
  expect(await held).toBe(String(pid));
  first.release();
  await expect.poll(() => isRunning(pid)).toBe(false);
});

test("a second replica comes with the load and both go without", async () => {
  const { runtime, deploy, reach, acquire } = await startRuntime();
  const row = deploy({ command: jsonApp, replicas: [0, 2], concurrency: 1, scaledownSeconds: 1 });
  const first = await acquire(row);
  const second = await acquire(row);
  await expect.poll(() => runtime.state(row.id)?.currentReplicas).toBe(2);
  const third = await acquire(row);
  expect(third.replica).not.toBe(first.replica);
  expect((await ask(third)).pid).not.toBe((await ask(first)).pid);
  for (const lease of [first, second, third]) lease.release();
  await reach(row, "ACTIVE scaled_to_zero");
  expect(runtime.state(row.id)?.replicas).toEqual([]);
});
