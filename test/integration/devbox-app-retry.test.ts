import { expect, onTestFinished, test } from "vitest";
import { startDevbox } from "../../src/devbox/index.ts";
import { Spec_DesiredState } from "../../src/idl/apps.ts";
import { printCondition } from "../support/app-rows.ts";
import { ask, jsonApp, lastMessage, script, startRuntime } from "../support/app-runtime.ts";
import {
  appNamed,
  connectApps,
  given,
  revisionOf,
  servingApp,
  statusOf,
} from "../support/devbox-apps.ts";
import { connect } from "../support/devbox-client.ts";

/** An app whose starts fail is tried again when it is asked for once more; others notice nothing. */

test("a failed app is tried again at once, with fresh delays", async () => {
  const { deploy, reach, runtime } = await startRuntime();
  const row = deploy({ command: script("process.exit(7)"), replicas: [1, 1] });
  await reach(row, "FAILED crash_loop");
  runtime.apply(row);
  expect(printCondition(runtime.state(row.id))).toBe("DEPLOYING initializing");
  expect(runtime.state(row.id)?.replicas).toMatchObject([{ phase: "starting" }]);
  // Three starts that fail are a crash loop again; the first of them is not.
  await expect
    .poll(() => lastMessage(runtime.state(row.id)))
    .toContain("Revision 1 is starting. Replica");
  await reach(row, "FAILED crash_loop");
});

test("an app that runs, sleeps or is stopped notices nothing", async () => {
  const { deploy, reach, acquire, runtime } = await startRuntime();
  const running = deploy({ name: "running", command: jsonApp, replicas: [1, 1] });
  const asleep = deploy({ name: "asleep", command: jsonApp, scaledownSeconds: 0 });
  const stopped = deploy({ name: "stopped", command: jsonApp, stopped: true });
  await reach(running, "ACTIVE running");
  await reach(asleep, "ACTIVE scaled_to_zero");
  await reach(stopped, "STOPPED unspecified");
  const lease = await acquire(running);
  const { pid } = await ask(lease);
  const changes: string[] = [];
  const rows = [running, asleep, stopped];
  const before = rows.map(({ id }) => runtime.state(id));
  onTestFinished(runtime.onChange(({ row }) => changes.push(row.name)));
  for (const row of rows) runtime.apply(row);
  expect(changes).toEqual([]);
  expect(rows.map(({ id }) => runtime.state(id))).toEqual(before);
  expect((await ask(lease)).pid).toBe(pid);
  lease.release();
});

test("an activation tries again after its cause is mended, without a new revision", async () => {
  await using devbox = await startDevbox({ state: "memory", port: 0, gatewayPort: 0 });
  const { apps } = connectApps(devbox, "alice");
  const { spec, ...options } = servingApp();
  const app = appNamed("needy", {
    ...options,
    spec: { ...spec, securityContext: { secrets: [{ key: "MISSING" }] } },
  });
  const { app: created } = await apps.create({ app });
  const target = { case: "appId", value: given(created?.metadata?.id) } as const;
  const now = async () => (await apps.get({ identifier: target })).app;
  await expect.poll(async () => statusOf(await now())).toBe("FAILED");
  await connect(devbox, "alice").secrets.createSecret({
    id: { name: "MISSING" },
    secretSpec: { value: { case: "stringValue", value: "here" } },
  });
  const read = given(await now());
  const wanted = { ...read, spec: { ...given(read.spec), desiredState: Spec_DesiredState.ACTIVE } };
  const { app: activated } = await connectApps(devbox, "bob").apps.update({ app: wanted });
  expect([statusOf(activated), revisionOf(activated)]).toEqual(["DEPLOYING", 1]);
  await expect.poll(async () => statusOf(await now())).toBe("ACTIVE");
  expect(revisionOf(await now())).toBe(1);
});
