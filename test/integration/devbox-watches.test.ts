import type { MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import {
  Filter_Function,
  type ListRequestSchema,
  Sort_Direction,
} from "../../src/idl/identifiers.ts";
import type { Run } from "../../src/idl/runs.ts";
import { fromPhase, type Phase, toPhase } from "../../src/values/phases.ts";
import {
  actionOf,
  codeOf,
  connect,
  type DevboxClient,
  nameOf,
  runIdOf,
  type TaskId,
} from "../support/devbox-client.ts";

let devbox: Devbox;
let alice: DevboxClient;
let bob: DevboxClient;
let quick: TaskId;
let endless: TaskId;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  alice = connect(devbox, "alice");
  bob = connect(devbox, "bob");
  quick = await alice.deployScript("quick", "true");
  endless = await alice.deployScript("endless", "exec sleep 600");
});

afterAll(async () => {
  await devbox.close();
});

const scope = {
  case: "projectId" as const,
  value: { organization: "", name: "flytesnacks", domain: "development" },
};

interface ListInit {
  readonly limit?: number;
  readonly filters?: MessageInitShape<typeof ListRequestSchema>["filters"] & {};
  readonly sortByFields?: MessageInitShape<typeof ListRequestSchema>["sortByFields"] & {};
}

async function listAll(client: DevboxClient, request: ListInit): Promise<string[]> {
  const names: string[] = [];
  let token = "";
  do {
    const page = await client.runs.listRuns({ scopeBy: scope, request: { ...request, token } });
    expect(page.runs.length).toBeLessThanOrEqual(request.limit || 50);
    names.push(...page.runs.map(nameOf));
    token = page.token;
  } while (token !== "");
  return names;
}

const phaseOf = (run: Run | undefined): Phase | undefined =>
  toPhase(run?.action?.status?.phase ?? 0);

test("pages of any size tell every run once, in the same order", async () => {
  const runs = await Promise.all(Array.from({ length: 23 }, () => alice.start(quick)));
  await Promise.all(runs.map((run) => alice.reach(run)));
  const all = await listAll(alice, { limit: 200 });
  expect(new Set(all)).toEqual(new Set(runs.map(nameOf)));
  for (const limit of [1, 2, 7, 22, 23, 24]) {
    expect(await listAll(alice, { limit })).toEqual(all);
  }
  const sortBy = { key: "created_at", direction: Sort_Direction.ASCENDING };
  const byTime = await listAll(alice, { limit: 5, sortByFields: [sortBy] });
  expect(byTime).toHaveLength(23);
});

test("runs can be filtered by phase, task and owner, and by nothing unknown", async () => {
  const running = await bob.start(endless);
  await bob.reach(running, "running");
  const filter = (field: string, value: string) => ({
    filters: [{ field, function: Filter_Function.EQUAL, values: [value] }],
  });
  expect(await listAll(alice, filter("phase", String(fromPhase("running"))))).toEqual([
    nameOf(running),
  ]);
  expect(await listAll(alice, filter("created_by_subject", "bob"))).toEqual([nameOf(running)]);
  const ofTask = await alice.runs.listRuns({ scopeBy: { case: "taskName", value: endless } });
  expect(ofTask.runs.map(nameOf)).toEqual([nameOf(running)]);
  const codes = await Promise.all([
    codeOf(listAll(alice, filter("password", "x"))),
    codeOf(listAll(alice, { limit: 201 })),
    codeOf(alice.runs.listRuns({ scopeBy: scope, request: { token: "x" } })),
  ]);
  expect(codes).toEqual(["InvalidArgument", "InvalidArgument", "InvalidArgument"]);
  // What goes on comes before what has ended.
  const [first] = (await alice.runs.listRuns({ scopeBy: scope })).runs;
  expect(nameOf(first as Run)).toBe(nameOf(running));
  const { actions } = await alice.runs.listActions({ runId: runIdOf(running) });
  expect(actions.map(({ id }) => id?.name)).toEqual(["a0"]);
  await bob.runs.abortRun({ runId: runIdOf(running) });
});

test("a watch of runs begins with those there are and tells new ones and their ends", async () => {
  const stop = new AbortController();
  const seen = new Map<string, (Phase | undefined)[]>();
  let started: Run | undefined;
  const watching = (async () => {
    for await (const { runs } of alice.runs.watchRuns({ target: scope }, { signal: stop.signal })) {
      for (const run of runs)
        seen.set(nameOf(run), [...(seen.get(nameOf(run)) ?? []), phaseOf(run)]);
      started ??= await alice.start(quick);
      if (seen.get(nameOf(started))?.at(-1) === "succeeded") stop.abort();
    }
  })();
  expect(await codeOf(watching)).toBe("Canceled");
  expect(seen.size).toBeGreaterThan(20);
  expect(seen.get(nameOf(started as Run))?.at(-1)).toBe("succeeded");
});

test("a watch of a run's actions tells the present state and each change, by the filter", async () => {
  const run = await alice.start(endless);
  const runId = runIdOf(run);
  const stop = new AbortController();
  const told: [Phase | undefined, boolean][] = [];
  const filter = [
    {
      field: "phase",
      function: Filter_Function.VALUE_IN,
      values: [String(fromPhase("running")), String(fromPhase("queued"))],
    },
  ];
  const watching = (async () => {
    const messages = alice.runs.watchActions({ runId, filter }, { signal: stop.signal });
    for await (const { enrichedActions } of messages) {
      for (const { action, meetsFilter } of enrichedActions) {
        told.push([toPhase(action?.status?.phase ?? 0), meetsFilter]);
      }
      const [phase] = told.at(-1) ?? [];
      if (phase === "running") await alice.runs.abortRun({ runId });
      if (phase === "aborted") stop.abort();
    }
  })();
  expect(await codeOf(watching)).toBe("Canceled");
  expect(told).toContainEqual(["running", true]);
  expect(told.at(-1)).toEqual(["aborted", false]);
});

test("a watch of a run's details carries its specification and ends with the run", async () => {
  const envs = { values: [{ key: "A", value: "b" }] };
  const run = await alice.start(quick, { runSpec: { envs } });
  let last: Phase | undefined;
  for await (const { details } of alice.runs.watchRunDetails({
    runId: runIdOf(run),
  })) {
    expect(details?.runSpec?.envs).toMatchObject(envs);
    last = toPhase(details?.action?.status?.phase ?? 0);
  }
  expect(last).toBe("succeeded");
});

test("watches of what is not there, or may not be seen, are refused", async () => {
  const run = { project: "flytesnacks", domain: "development", name: "rnone" };
  const details = alice.runs.watchActionDetails({ actionId: { run, name: "a0" } });
  const first = details[Symbol.asyncIterator]().next();
  expect(await codeOf(first)).toBe("NotFound");
  const nobody = connect({ ...devbox, keys: {} }, "nobody");
  const runs = nobody.runs.watchRuns({ target: scope })[Symbol.asyncIterator]().next();
  expect(await codeOf(runs)).toBe("Unauthenticated");
});

test("closing the devbox ends every stream and every process", async () => {
  const own = await startDevbox({ state: "memory", port: 0 });
  const client = connect(own, "alice");
  const task = await client.deployScript("endless", "echo begun; exec sleep 600");
  const run = await client.start(task);
  await client.reach(run, "running");
  const actionId = actionOf(run);
  let begun = 0;
  const drain = async (messages: AsyncIterable<unknown>): Promise<void> => {
    let isFirst = true;
    for await (const _ of messages) {
      if (isFirst) begun += 1;
      isFirst = false;
    }
  };
  const streams = [
    client.runs.watchActionDetails({ actionId }),
    client.runs.watchRuns({ target: scope }),
    client.runs.watchActions({ runId: runIdOf(run) }),
    client.data.tailLogs({ actionId, attempt: 1 }),
  ].map((stream) => codeOf(drain(stream)));
  await expect.poll(() => begun).toBe(streams.length);
  await own.close();
  for (const code of await Promise.all(streams)) expect(["Unavailable", "none"]).toContain(code);
});
