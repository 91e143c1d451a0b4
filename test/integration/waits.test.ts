import { Code, ConnectError } from "@connectrpc/connect";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ControlPlane, RunStatus } from "../../src/client/control-plane.ts";
import { createControlPlane } from "../../src/client/create-control-plane.ts";
import { type Waited, Waits } from "../../src/webhook/waits/waits.ts";
import { ControlPlaneStub } from "../support/control-plane-stub.ts";

/** What waits cost, in front of a control plane that counts the watches. */
let stub: ControlPlaneStub;
let controlPlane: ControlPlane;
let waits: Waits;

beforeEach(async () => {
  stub = await ControlPlaneStub.start();
  const scope = { project: "flytesnacks", domain: "development" };
  controlPlane = createControlPlane({ endpoint: stub.url, ...scope, retries: 0 });
  waits = new Waits(controlPlane.runs, 5_000);
});

afterEach(async () => {
  waits.close();
  await controlPlane.close();
  await stub[Symbol.asyncDispose]();
});

const anns = [["authorization", "Bearer ann"]] as const;
const bobs = [["authorization", "Bearer bob"]] as const;

async function runOf(name: string): Promise<RunStatus> {
  if (!stub.runs.runs.has(name)) stub.runs.runs.set(name, { name: "allowed.main" });
  return controlPlane.runs.get({ name }, { auth: anns });
}

interface Waiter {
  readonly waited: Promise<Waited>;
  leave(): void;
}

function wait(run: RunStatus, auth: typeof anns | typeof bobs = anns, ms = 600_000): Waiter {
  const leaving = new AbortController();
  const { signal } = leaving;
  return { waited: waits.untilEnd({ run, auth, ms, signal }), leave: () => leaving.abort() };
}

const many = (count: number, start: (index: number) => Waiter): readonly Waiter[] =>
  Array.from({ length: count }, (_, index) => start(index));

const endsOf = async (waiters: readonly Waiter[]): Promise<readonly string[]> => {
  const all = await Promise.all(waiters.map(({ waited }) => waited));
  return [...new Set(all.map(({ end, run }) => `${end} ${run.phase}`))];
};

const watchers = (): readonly (string | null)[] =>
  stub.calls
    .filter(({ method }) => method === "watchActionDetails")
    .map(({ authorization }) => authorization);

test("all who wait for a run with one credential share one watch, and none with another's", async () => {
  const run = await runOf("r1");
  const [ofAnn, ofBob] = [many(500, () => wait(run)), many(500, () => wait(run, bobs))];
  expect([waits.waiting, waits.watches]).toEqual([1000, 2]);
  await stub.runs.watches.until(2);
  const late = wait(run);
  stub.runs.watches.end("r1");
  expect(await endsOf([...ofAnn, ...ofBob, late])).toEqual(["run succeeded"]);
  expect(watchers()).toHaveLength(2);
  expect(new Set(watchers())).toEqual(new Set(["Bearer ann", "Bearer bob"]));
  expect([waits.waiting, waits.watches]).toEqual([0, 0]);
  await stub.runs.watches.until(0);
});

test("a thousand who wait for many runs are told their ends, while others are answered", async () => {
  const first = await runOf("r0");
  const nameOf = (index: number): string => `r${index % 200}`;
  for (let index = 0; index < 200; index += 1) {
    stub.runs.runs.set(nameOf(index), { name: "allowed.main" });
  }
  const waiters = many(1000, (index) => wait({ ...first, name: nameOf(index) }));
  await stub.runs.watches.until(200);
  expect((await controlPlane.runs.get({ name: "r1" }, { auth: bobs })).phase).toBe("running");
  const isEnding = (index: number): boolean => index % 200 < 100;
  for (let index = 0; index < 100; index += 1) stub.runs.watches.end(nameOf(index));
  expect(await endsOf(waiters.filter((_, index) => isEnding(index)))).toEqual(["run succeeded"]);
  expect(waits.watches).toBe(100);
  for (const { leave } of waiters) leave();
  expect(await endsOf(waiters.filter((_, index) => !isEnding(index)))).toEqual(["left running"]);
  await stub.runs.watches.until(0);
});

test("the watch ends with the last who leaves, and the run is left alone", async () => {
  const run = await runOf("r1");
  const [one, other] = [wait(run), wait(run)];
  await stub.runs.watches.until(1);
  one.leave();
  expect(await endsOf([one])).toEqual(["left running"]);
  expect(waits.watches).toBe(1);
  other.leave();
  expect(waits.watches).toBe(0);
  await stub.runs.watches.until(0);
  // Whoever comes then begins anew.
  const next = wait(run);
  await stub.runs.watches.until(1);
  stub.runs.watches.end("r1", 6, "no luck");
  expect((await next.waited).run).toMatchObject({ phase: "failed", error: { message: "no luck" } });
  expect(stub.takeMethods()).not.toContain("abortRun");
});

test("a run that has ended needs no watch, and neither does one without time", async () => {
  const run = await runOf("r1");
  expect(await endsOf([wait({ ...run, done: true, phase: "aborted" })])).toEqual(["run aborted"]);
  expect(await endsOf([wait(run, anns, 0)])).toEqual(["time running"]);
  const gone = AbortSignal.abort();
  expect((await waits.untilEnd({ run, auth: anns, ms: 1000, signal: gone })).end).toBe("left");
  expect([waits.watches, watchers().length]).toEqual([0, 0]);
});

test("the time is over for one, and not for others of the same run", async () => {
  const run = await runOf("r1");
  const long = wait(run);
  expect(await endsOf([wait(run, anns, 10)])).toEqual(["time running"]);
  expect([waits.waiting, waits.watches]).toEqual([1, 1]);
  stub.runs.watches.end("r1");
  expect(await endsOf([long])).toEqual(["run succeeded"]);
});

test("whoever is one too many does not wait, and is counted", async () => {
  waits = new Waits(controlPlane.runs, 2);
  const run = await runOf("r1");
  const [one, other] = [wait(run), wait(run, bobs)];
  expect(await endsOf([wait(run), wait(run, bobs)])).toEqual(["full running"]);
  expect(waits.turnedAway).toBe(2);
  one.leave();
  const next = wait(run);
  stub.runs.watches.end("r1");
  expect(await endsOf([other, next])).toEqual(["run succeeded"]);
  expect(waits.turnedAway).toBe(2);
});

test("one credential has at most half of the places, however it is spelled", async () => {
  waits = new Waits(controlPlane.runs, 4);
  const run = await runOf("r1");
  const spelled = [["authorization", "bearer  ann"]] as const;
  const decorated = [...anns, ["cookie", "made=up"]] as const;
  const held = [wait(run), wait(run)];
  const more = [anns, spelled, decorated].map((auth) => wait(run, auth as never));
  expect(await endsOf(more)).toEqual(["full running"]);
  const bob = wait(run, bobs);
  held[0]?.leave();
  const again = wait(run);
  stub.runs.watches.end("r1");
  expect(await endsOf([bob, again, ...held.slice(1)])).toEqual(["run succeeded"]);
  expect(waits.waiting).toBe(0);
});

test("closing ends every wait, and each that would begin", async () => {
  const run = await runOf("r1");
  const waiters = many(10, () => wait(run));
  await stub.runs.watches.until(1);
  waits.close();
  expect(await endsOf([...waiters, wait(run)])).toEqual(["closing running"]);
  await stub.runs.watches.until(0);
  expect([waits.waiting, waits.watches]).toEqual([0, 0]);
});

test("a watch that breaks off is begun anew while somebody waits", async () => {
  const run = await runOf("r1");
  const waiter = wait(run);
  await stub.runs.watches.until(1);
  stub.runs.watches.breakOff();
  await stub.runs.watches.until(0);
  await stub.runs.watches.until(1);
  stub.runs.watches.end("r1");
  expect(await endsOf([waiter])).toEqual(["run succeeded"]);
});

test("a control plane that asks for fewer watches, or is away, is no end", async () => {
  const run = await runOf("r1");
  for (const code of [Code.ResourceExhausted, Code.Unavailable, Code.Internal]) {
    stub.failures.set("watchActionDetails", new ConnectError("later", code));
    expect(await endsOf([wait(run, anns, 50)])).toEqual(["time running"]);
  }
  const waiter = wait(run);
  while (watchers().length < 4) await controlPlane.runs.get(run, { auth: anns });
  stub.failures.clear();
  stub.runs.watches.end("r1");
  expect(await endsOf([waiter])).toEqual(["run succeeded"]);
});

test("a watch that is refused tells all of that credential, and no other", async () => {
  const run = await runOf("r1");
  const ofBob = wait(run, bobs);
  await stub.runs.watches.until(1);
  stub.failures.set("watchActionDetails", new ConnectError("not yours", Code.PermissionDenied));
  const ofAnn = many(3, () => wait(run));
  expect(await endsOf(ofAnn)).toEqual(["failure running"]);
  expect((await ofAnn[0]?.waited)?.failure).toMatchObject({ code: "permission_denied" });
  stub.runs.watches.end("r1");
  expect(await endsOf([ofBob])).toEqual(["run succeeded"]);
});

test("who asks for the same outputs with the same credential shares one reading", async () => {
  const run = await runOf("r1");
  stub.runs.watches.end("r1");
  stub.takeMethods();
  const read = (auth: typeof anns | typeof bobs) => waits.outputs.read({ run, auth });
  await Promise.all([read(anns), read(anns), read(bobs), read(anns)]);
  const readers = stub.calls.filter(({ method }) => method === "getActionData");
  expect(readers.map(({ authorization }) => authorization).sort()).toEqual([
    "Bearer ann",
    "Bearer bob",
  ]);
  await read(anns);
  stub.failures.set("getActionData", new ConnectError("not yours", Code.PermissionDenied));
  await expect(read(anns)).rejects.toMatchObject({ code: "permission_denied" });
  stub.failures.clear();
  expect(await read(anns)).toBeNull();
});
