import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { verifyLog } from "../../src/webhook/audit/verify-log.ts";
import { readRequests } from "../support/audit-log.ts";
import { ChaosCalls, type NotedStart } from "../support/chaos/chaos-calls.ts";
import { ChaosWorld } from "../support/chaos/chaos-world.ts";
import { drawFault, type FaultKind } from "../support/chaos/fault.ts";
import { createRandom } from "../support/chaos/random.ts";

/** CHAOS_SEED replays one; its number is in the name of the test that failed. */
const given = process.env["CHAOS_SEED"];
const seeds = given === undefined ? [2026, 7] : [Number(given)];
const callsEach = Number(process.env["CHAOS_CALLS"] ?? 10);

const kinds = ["start", "wait", "batch", "hook", "get", "io", "abort", "events", "list", "me"];

describe.each(seeds)("two webhooks behind a network of seed %i", (seed) => {
  let devbox: Devbox;
  let world: ChaosWorld;
  let calls: ChaosCalls;
  let truth: ReadonlyMap<number, readonly TrueRun[]>;
  // A network that asks twice starts a run twice where nothing names it.
  const withoutKeys = createRandom(seed)() < 0.5;
  const without: readonly FaultKind[] = withoutKeys ? ["asked twice"] : [];

  beforeAll(async () => {
    devbox = await startDevbox({ state: "memory", port: 0 });
    world = await ChaosWorld.before(devbox, 2);
    calls = new ChaosCalls(world, withoutKeys);
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await devbox?.close();
  });

  test("answer many callers at once while it fails", { timeout: 120_000 }, async () => {
    const random = createRandom(seed + 1);
    world.proxy.fault = () => drawFault(random, { share: 0.2, without });
    const clients = Array.from({ length: 8 }, (_, index) => {
      const caller = index % 2 === 0 ? "alice" : "bob";
      return calls.run(createRandom(seed * 1_000 + index), caller, callsEach);
    });
    await Promise.all(clients);
    const disturbed = world.proxy.calls.filter(({ fault }) => fault.kind !== "pass");
    expect(disturbed.length).toBeGreaterThan(20);
  });

  test("do everything at the first try once it is calm", { timeout: 60_000 }, async () => {
    world.proxy.calm();
    for (const start of calls.starts) await repeat(calls, world, start);
    const random = createRandom(seed);
    for (const kind of kinds)
      for (const one of ["alice", "bob"]) await calls.call(kind, random, one);
  });

  test("gave no answer that is not as documented, or another's", () => {
    expect(calls.client.faults).toEqual([]);
    expect(calls.lies).toEqual([]);
  });

  test("started each run once, for whom it was, and lost none", async () => {
    truth = await readTruth(world);
    const wrong = calls.starts.flatMap((start) => faultsOf(start, truth.get(start.n) ?? []));
    expect(wrong).toEqual([]);
    const known = new Set(calls.starts.map(({ n }) => n));
    expect([...truth.keys()].filter((n) => !known.has(n))).toEqual([]);
  });

  test("have nothing left under way, and few connections", { timeout: 60_000 }, async () => {
    for (const webhook of world.webhooks) {
      let left = await world.leftovers(webhook);
      while (left.length > 0) left = await world.leftovers(webhook);
      await webhook.close();
    }
    // 16 for the calls of each, and those of streams.
    expect(world.proxy.mostOpen).toBeLessThan(2 * 16 + 40);
  });

  test("have an audit log that is whole and true", () => checkAudit(world, calls, truth));

  test("logged no credential", () => {
    const secrets = Object.values(world.keys);
    const telling = world.lines.filter((line) => secrets.some((one) => line.includes(one)));
    expect(telling).toEqual([]);
  });
});

interface TrueRun {
  readonly name: string;
  readonly owner: string | undefined;
  readonly who: unknown;
}

/** The runs of a world by their input `n`. */
async function readTruth(world: ChaosWorld): Promise<ReadonlyMap<number, readonly TrueRun[]>> {
  const byN = new Map<number, TrueRun[]>();
  for (const { name, owner } of await world.runs()) {
    const { inputs } = await world.truth.runs.io({ name });
    const { n, who } = inputs as { readonly n: number; readonly who: string };
    byN.set(n, [...(byN.get(n) ?? []), { name, owner, who }]);
  }
  return byN;
}

/** What the runs of a start have that they should not, in words. */
function faultsOf(start: NotedStart, runs: readonly TrueRun[]): readonly string[] {
  const { n, owner, names, again } = start;
  const where = `${n} of ${owner}${again === undefined ? " without a key" : ""}`;
  const faults: string[] = [];
  if (runs.length > 1) faults.push(`${where} was started ${runs.length} times`);
  if (runs.length === 0 && (again !== undefined || names.size > 0)) faults.push(`${where} is lost`);
  if (runs.some((run) => run.owner !== owner || run.who !== owner)) {
    faults.push(`${where} is another's`);
  }
  for (const name of names) {
    if (runs[0]?.name !== name) faults.push(`${where} was told to be ${name}`);
  }
  return faults;
}

/** Says a start again that has a key: it finds its run, or starts it, at the first try. */
async function repeat(
  calls: ChaosCalls,
  world: ChaosWorld,
  { again, names, n, owner }: NotedStart,
) {
  if (again === undefined) return;
  const [webhook] = world.webhooks;
  const answer = await calls.client.once(webhook?.url ?? "", again);
  expect([200, 202], `${n} of ${owner}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
  if (again.path === "/run-tasks") return;
  names.add(again.path.startsWith("/hooks/") ? answer.body.run.name : answer.body.name);
}

/** A line for each request, none broken, and no run that is not there or missing. */
async function checkAudit(
  world: ChaosWorld,
  calls: ChaosCalls,
  truth: ReadonlyMap<number, readonly TrueRun[]>,
): Promise<void> {
  const lines = [];
  for (const { auditFile } of world.webhooks) {
    expect((await verifyLog([auditFile], {})).broken).toBeUndefined();
    lines.push(...(await readRequests(auditFile)));
  }
  const ofCalls = lines.filter(({ endpoint }) => endpoint !== "metrics");
  expect(ofCalls.length).toBe(calls.client.answered + calls.streams);
  const told = ofCalls.flatMap(({ runs = [] }) =>
    runs.map(({ run }: { readonly run: string }) => run.split("/").at(-1)),
  );
  const there = new Set([...truth.values()].flat().map(({ name }) => name));
  expect(told.filter((name) => !there.has(name))).toEqual([]);
  const unknown = ofCalls.some(({ startsUnknown }) => startsUnknown !== undefined);
  const untold = [...there].filter((name) => !told.includes(name));
  if (!unknown) expect(untold).toEqual([]);
}
