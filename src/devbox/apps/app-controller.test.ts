import { expect, test } from "vitest";
import { type AppUnderTest, toAppRow } from "../../../test/support/app-rows.ts";
import { control } from "../../../test/support/scripted-replicas.ts";
import type { Lease } from "./app-runtime.ts";

const v1: AppUnderTest = { command: ["v1"] };
const v2: AppUnderTest = { command: ["v2"] };

/** A plan's digest, as it is kept. */
function digestOf(app: AppUnderTest): string | undefined {
  const { kept, replicas } = control(app);
  replicas.all[0]?.listen();
  return kept[0];
}

test("a revision is proven once, then the app sleeps until a request wakes it", async () => {
  const { clock, replicas, kept, condition, acquire } = control(v1);
  expect(condition()).toBe("DEPLOYING initializing");
  replicas.all[0]?.listen();
  expect(condition()).toBe("ACTIVE running");
  expect(kept).toHaveLength(1);
  clock.pass(299_999);
  expect(condition()).toBe("ACTIVE running");
  clock.pass(1);
  expect(condition()).toBe("ACTIVE scaling_down");
  replicas.all[0]?.end();
  expect(condition()).toBe("ACTIVE scaled_to_zero");
  const lease = acquire();
  expect(condition()).toBe("ACTIVE scaling_from_zero");
  replicas.all[1]?.listen(6000);
  expect(await lease).toMatchObject({ replica: replicas.all[1]?.name, port: 6000 });
  expect(condition()).toBe("ACTIVE running");
});

test("an app that was proven in an earlier life sleeps; another revision has to be proven", () => {
  const provenDigest = digestOf(v1);
  expect(control(v1, { provenDigest }).condition()).toBe("ACTIVE scaled_to_zero");
  expect(control(v2, { provenDigest }).condition()).toBe("DEPLOYING initializing");
  const kept = control({ ...v1, replicas: [2, 3] }, { provenDigest });
  expect(kept.replicas.all).toHaveLength(2);
  expect(kept.condition()).toBe("ACTIVE scaling_from_zero");
});

test("more replicas come with the load at once, and go after the period", async () => {
  const app = { ...v1, replicas: [1, 3], concurrency: 2, scaledownSeconds: 10 } as const;
  const { clock, replicas, acquire, condition } = control(app);
  replicas.all[0]?.listen();
  clock.pass(60_000);
  const leases: Lease[] = [];
  for (let count = 0; count < 3; count++) leases.push(await acquire());
  expect(condition()).toBe("ACTIVE scaling_up");
  replicas.all[1]?.listen();
  leases.push(await acquire());
  expect(leases.map(({ replica }) => replica)).toEqual([
    ...Array.from({ length: 3 }, () => replicas.all[0]?.name),
    replicas.all[1]?.name,
  ]);
  for (let count = 0; count < 9; count++) leases.push(await acquire());
  expect(replicas.all).toHaveLength(3);
  for (const lease of leases) lease.release();
  clock.pass(9999);
  expect(replicas.kept()).toHaveLength(3);
  clock.pass(1);
  expect(replicas.kept()).toEqual([replicas.all[0]]);
});

test("a crash loop is a failure after the third start, with the back-off between", async () => {
  const { clock, replicas, condition, acquire, controller, conditions } = control(v1);
  const waiting = acquire();
  waiting.catch(() => undefined);
  replicas.all[0]?.end("First.");
  expect(condition()).toBe("DEPLOYING initializing");
  expect(controller.state.replicas).toMatchObject([{ phase: "backing_off" }]);
  clock.pass(999);
  expect(replicas.all).toHaveLength(1);
  clock.pass(1);
  replicas.all[1]?.end();
  clock.pass(2000);
  replicas.all[2]?.end("Third.");
  expect(condition()).toBe("FAILED crash_loop");
  await expect(waiting).rejects.toMatchObject({ code: "app_failed" });
  await expect(acquire()).rejects.toThrow('App "hello" cannot be started. Third.');
  clock.pass(4000);
  replicas.all[3]?.listen();
  expect(condition()).toBe("ACTIVE running");
  expect(conditions.some((text) => /STOPPED|UNASSIGNED/.test(text))).toBe(false);
});

test("a failure that is final is one at once, and is tried anew when the app is applied", () => {
  const { replicas, condition, apply, kept } = control(v1);
  replicas.all[0]?.end("No such program.", true);
  expect(condition()).toBe("FAILED crash_loop");
  apply(v1);
  expect(condition()).toBe("DEPLOYING initializing");
  expect(replicas.all).toHaveLength(2);
  expect(kept).toEqual([]);
});

test("a replica that was healthy is started again at once, and requests wait for it", async () => {
  const { clock, replicas, condition, acquire, controller } = control(v1);
  replicas.all[0]?.listen();
  const lost = await acquire();
  clock.pass(10_000);
  replicas.all[0]?.exit();
  expect(lost.ended.aborted).toBe(true);
  expect(controller.state.currentReplicas).toBe(0);
  expect(condition()).toBe("ACTIVE scaling_from_zero");
  const next = acquire();
  replicas.all[0]?.end("Killed.");
  replicas.all[1]?.listen();
  expect((await next).replica).toBe(replicas.all[1]?.name);
  lost.release();
  expect(condition()).toBe("ACTIVE running");
});

test("a newer revision takes over when it is ready; the older one ends after its requests", async () => {
  const { replicas, condition, apply, acquire } = control(v1);
  replicas.all[0]?.listen();
  const old = await acquire();
  apply(v2);
  expect(condition()).toBe("DEPLOYING initializing");
  const between = await acquire();
  expect(between.replica).toBe(old.replica);
  replicas.all[1]?.listen();
  expect(condition()).toBe("ACTIVE running");
  expect((await acquire()).replica).toBe(replicas.all[1]?.name);
  old.release();
  old.release();
  expect(replicas.all[0]?.isEnding).toBe(false);
  between.release();
  expect(replicas.all[0]?.isEnding).toBe(true);
});

test("what was replaced ends after the limit, with requests on it", async () => {
  const { clock, replicas, apply, acquire } = control(v1);
  replicas.all[0]?.listen();
  const lease = await acquire();
  apply(v2);
  replicas.all[1]?.listen();
  clock.pass(59_999);
  expect(replicas.all[0]?.isEnding).toBe(false);
  clock.pass(1);
  expect(replicas.all[0]?.isEnding).toBe(true);
  expect(lease.ended.aborted).toBe(false);
  replicas.all[0]?.end();
  expect(lease.ended.reason).toMatchObject({ code: "unavailable" });
});

test("a newer revision that fails leaves the older one serving, also from sleep", async () => {
  const { clock, replicas, condition, apply, acquire, controller } = control(v1);
  replicas.all[0]?.listen();
  apply(v2);
  replicas.all[1]?.end("No.", true);
  expect(condition()).toBe("FAILED crash_loop");
  expect(controller.state.conditions.at(-1)?.message).toBe("No. Revision 1 goes on serving.");
  (await acquire()).release();
  clock.pass(300_000);
  replicas.all[0]?.end();
  const old = replicas.kept().filter(({ plan }) => plan.revision === 1);
  expect(old).toEqual([]);
  const woken = acquire();
  replicas
    .kept()
    .find(({ plan }) => plan.revision === 1)
    ?.listen();
  expect((await woken).port).toBe(5000);
  apply(v1);
  expect(condition()).toBe("ACTIVE running");
});

test("of rapid updates the newest counts, and an older row is ignored", () => {
  const { replicas, apply, controller, condition } = control(v1);
  apply(v2);
  apply({ command: ["v3"] });
  controller.apply(toAppRow(v1, 1));
  expect(replicas.kept().map(({ plan }) => plan.argv)).toEqual([["v3"]]);
  for (const replica of replicas.all) if (replica.isEnding) replica.end();
  replicas.kept()[0]?.listen();
  expect(condition()).toBe("ACTIVE running");
  expect(controller.state.conditions.at(-1)?.revision).toBe(3);
});

test("changes that no process sees restart none", () => {
  const { replicas, apply, condition } = control(v1);
  replicas.all[0]?.listen();
  apply({ ...v1, replicas: [1, 2], scaledownSeconds: 5 });
  expect(replicas.all).toHaveLength(1);
  expect(condition()).toBe("ACTIVE running");
});

test("a stop refuses those who wait and ends at last; a start proves anew", async () => {
  const { clock, replicas, condition, apply, acquire, kept } = control(v1);
  replicas.all[0]?.listen();
  const lease = await acquire();
  apply({ ...v1, stopped: true });
  expect(condition()).toBe("ACTIVE scaling_down");
  await expect(acquire()).rejects.toMatchObject({ code: "not_found" });
  clock.pass(1000);
  expect(replicas.all[0]?.isEnding).toBe(true);
  replicas.all[0]?.end();
  expect(condition()).toBe("STOPPED unspecified");
  lease.release();
  apply(v1);
  expect(condition()).toBe("DEPLOYING initializing");
  expect(kept.at(-1)).toBeUndefined();
  const waiting = acquire();
  apply({ ...v1, stopped: true });
  await expect(waiting).rejects.toMatchObject({ code: "not_found" });
});

test("an app that listens on its declared port has one replica, and its next one waits for the port", () => {
  const app = { ...v1, replicas: [2, 3], port: 8080 } as const;
  const { replicas, apply, condition } = control(app);
  replicas.all[0]?.listen(8080, true);
  expect(replicas.kept()).toEqual([replicas.all[0]]);
  replicas.all[1]?.end();
  expect(condition()).toBe("ACTIVE running");
  apply({ ...app, command: ["v2"] });
  expect(replicas.kept()).toEqual([]);
  replicas.all[0]?.end();
  expect(replicas.kept().map(({ plan }) => plan.argv[0])).toEqual(["v2", "v2"]);
});

test("so many may wait; who leaves makes room", async () => {
  const { acquire, replicas } = control(v1);
  const controller = new AbortController();
  const waiting = Array.from({ length: 4 }, () => acquire());
  const leaving = acquire(controller.signal);
  await expect(acquire()).rejects.toMatchObject({ code: "exhausted" });
  controller.abort(new Error("gone"));
  await expect(leaving).rejects.toThrow("gone");
  await expect(acquire(controller.signal)).rejects.toThrow("gone");
  const last = acquire();
  replicas.all[0]?.listen();
  expect(await Promise.all([...waiting, last])).toHaveLength(5);
});

test("a close ends all, leaves no timer, and starts nothing", async () => {
  const { clock, replicas, controller, acquire } = control(v1);
  const waiting = acquire();
  const closed = controller.close(0);
  await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
  expect(replicas.all[0]?.isEnding).toBe(true);
  replicas.all[0]?.end();
  await closed;
  expect(replicas.all).toHaveLength(1);
  expect(clock.timerCount).toBe(0);
});

test("a replica that listens no more is replaced at once; requests it works on end on it", async () => {
  const { clock, replicas, condition, conditions, acquire, controller } = control(v1);
  const [first] = replicas.all;
  first?.listen();
  clock.pass(10_000);
  const lease = await acquire();
  const running = await acquire();
  await lease.refused();
  expect(replicas.kept()).toEqual([first]);
  if (first !== undefined) first.isListening = false;
  await Promise.all([lease.refused(), running.refused()]);
  lease.release();
  const next = acquire();
  expect(replicas.all).toHaveLength(2);
  expect(first?.isEnding).toBe(false);
  expect(conditions.at(-1)).toBe("ACTIVE scaling_from_zero");
  expect(controller.state.conditions.at(-1)?.message).toMatch(
    /Replica \S+ stopped listening on port 5000 and went on running; it is replaced\.$/,
  );
  replicas.all[1]?.listen(6000);
  expect(await next).toMatchObject({ port: 6000 });
  expect(condition()).toBe("ACTIVE scaling_down");
  running.release();
  expect(first?.isEnding).toBe(true);
  first?.end("Asked to.");
  expect(condition()).toBe("ACTIVE running");
});

test("replicas that listen for a moment only are a crash loop", async () => {
  const { clock, replicas, condition, acquire } = control(v1);
  for (let start = 0; start < 3; start++) {
    const replica = replicas.all.at(-1);
    replica?.listen();
    const lease = await acquire();
    if (replica !== undefined) replica.isListening = false;
    await lease.refused();
    lease.release();
    replica?.end();
    if (start < 2) clock.pass(2000);
  }
  expect(condition()).toBe("FAILED crash_loop");
});
