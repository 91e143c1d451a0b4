import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { Filter_Function } from "../../src/idl/identifiers.ts";
import { SimpleType } from "../../src/idl/literals.ts";
import { ActionType, ListRunsRequestSchema, type Run } from "../../src/idl/runs.ts";
import { conditionFields } from "../../src/idl/signals.ts";
import { fromPhase, toPhase } from "../../src/values/phases.ts";
import { writeUnknownNumber } from "../../src/values/unknown-fields.ts";
import {
  enqueueCondition,
  no,
  type Payload,
  phaseOf,
  readDetails,
  sendSignal,
  waitingScript,
  yes,
} from "../support/conditions.ts";
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
let task: TaskId;

beforeAll(async () => {
  devbox = await startDevbox({ state: "memory", port: 0 });
  [alice, bob] = [connect(devbox, "alice"), connect(devbox, "bob")];
  task = await alice.deployScript("wait", waitingScript);
});

afterAll(() => devbox?.close());

/** A run that goes on until the test ends. */
async function waitingRun(of: TaskId = task): Promise<Run> {
  const run = await alice.start(of);
  onTestFinished(async () => {
    await alice.runs.abortRun({ runId: runIdOf(run) });
  });
  await alice.reach(run, "running");
  return run;
}

test("a condition is paused until it is signalled, and says what it waits for and how it ended", async () => {
  const run = await waitingRun();
  const id = await enqueueCondition(alice, run, {
    prompt: "Ship it?",
    description: "The build of today",
    promptType: 2,
  });
  const before = await bob.runs.getActionDetails({ actionId: id });
  expect(readDetails(before.details)).toMatchObject({
    phase: "paused",
    condition: { name: "approve", prompt: "Ship it?", description: "The build of today" },
    signal: undefined,
  });
  expect(before.details?.metadata).toMatchObject({
    parent: "a0",
    actionType: ActionType.CONDITION,
    spec: { case: "condition", value: { name: "approve" } },
  });
  expect(await phaseOf(alice, actionOf(run))).toBe("running");

  await sendSignal(bob, id, yes);
  const after = readDetails((await alice.runs.getActionDetails({ actionId: id })).details);
  expect(after.phase).toBe("succeeded");
  expect(after.signal?.signalledBy?.principal.value?.id?.subject).toBe("bob");
  expect(after.signal?.output?.value).toMatchObject({
    case: "scalar",
    value: { value: { case: "primitive", value: { value: { case: "boolean", value: true } } } },
  });
});

const typed: readonly (readonly [SimpleType, Payload, ...Payload[]])[] = [
  [SimpleType.BOOLEAN, no, { case: "intValue", value: 0n }, { case: "stringValue", value: "no" }],
  [
    SimpleType.INTEGER,
    { case: "intValue", value: -(2n ** 63n) },
    yes,
    { case: "floatValue", value: 1 },
  ],
  [SimpleType.FLOAT, { case: "floatValue", value: 0.5 }, { case: "intValue", value: 1n }],
  [SimpleType.STRING, { case: "stringValue", value: "" }, yes],
];

test.for(typed)(
  "a condition of type %i takes its own values alone",
  async ([type, good, ...bad]) => {
    const run = await waitingRun();
    const id = await enqueueCondition(alice, run, { type: type });
    for (const value of bad)
      expect(await codeOf(sendSignal(alice, id, value))).toBe("InvalidArgument");
    expect(await codeOf(alice.signals.signalEvent({ actionId: id }))).toBe("InvalidArgument");
    expect(await codeOf(alice.signals.signalEvent({ actionId: id, payload: {} }))).toBe(
      "InvalidArgument",
    );
    expect(await phaseOf(alice, id)).toBe("paused");
    await sendSignal(alice, id, good);
    expect(await phaseOf(alice, id)).toBe("succeeded");
  },
);

test("the first of many signals resolves it; another value is told the first, the same changes nothing", async () => {
  const run = await waitingRun();
  const id = await enqueueCondition(alice, run, { type: SimpleType.INTEGER });
  const values = Array.from({ length: 20 }, (_, index) => BigInt(index));
  const ends = await Promise.allSettled(
    values.map((value) =>
      sendSignal(value % 2n === 0n ? alice : bob, id, { case: "intValue", value }),
    ),
  );
  const winners = ends.flatMap((end, index) => (end.status === "fulfilled" ? [index] : []));
  expect(winners).toHaveLength(1);
  const [winner = -1] = winners;
  const who = winner % 2 === 0 ? "alice" : "bob";
  await expect(sendSignal(alice, id, { case: "intValue", value: 99n })).rejects.toThrow(
    new RegExp(`was signalled with ${winner} by ${who} at 20`),
  );
  expect(await codeOf(sendSignal(bob, id, { case: "intValue", value: 99n }))).toBe(
    "FailedPrecondition",
  );
  const other = who === "alice" ? bob : alice;
  await sendSignal(other, id, { case: "intValue", value: BigInt(winner) });
  const { signal } = readDetails((await alice.runs.getActionDetails({ actionId: id })).details);
  expect(signal?.signalledBy?.principal.value?.id?.subject).toBe(who);
});

test("what is no condition cannot be signalled, and what is not there is not found", async () => {
  const run = await waitingRun();
  const id = await enqueueCondition(alice, run);
  const { signals } = alice;
  const payload = { value: yes };
  expect(await codeOf(signals.signalEvent({ actionId: actionOf(run), payload }))).toBe(
    "FailedPrecondition",
  );
  const unknown = { ...id, name: "other" };
  expect(await codeOf(signals.signalEvent({ actionId: unknown, payload }))).toBe("NotFound");
  expect(await codeOf(signals.signalEvent({ actionId: id, parentActionName: "a1", payload }))).toBe(
    "NotFound",
  );
  expect(await codeOf(signals.signalEvent({ payload }))).toBe("InvalidArgument");
  expect(await phaseOf(alice, id)).toBe("paused");
});

test("only who may run in the scope may signal or enqueue", async () => {
  const there = await alice.deployScript("wait", waitingScript, { domain: "production" });
  const run = await waitingRun(there);
  const id = await enqueueCondition(alice, run);
  expect(await codeOf(sendSignal(bob, id, yes))).toBe("PermissionDenied");
  expect(await codeOf(enqueueCondition(bob, run, {}, "other"))).toBe("PermissionDenied");
  expect(await codeOf(bob.actions.abort({ actionId: id }))).toBe("PermissionDenied");
  expect(await phaseOf(bob, id)).toBe("paused");
});

test("a condition that nobody signals in time is timed out and takes no signal any more", async () => {
  const run = await waitingRun();
  const id = await enqueueCondition(alice, run, { timeout: { seconds: 0n, nanos: 50_000_000 } });
  await expect.poll(() => phaseOf(alice, id)).toBe("timed_out");
  await expect(sendSignal(alice, id, yes)).rejects.toThrow(
    "has ended without a signal: it is timed_out",
  );
  const { details } = await alice.runs.getActionDetails({ actionId: id });
  expect(details?.result).toMatchObject({
    case: "errorInfo",
    value: { message: 'Condition "approve" was not signalled in time.' },
  });
});

test("aborting the run ends its conditions, and so does its own end", async () => {
  const aborted = await waitingRun();
  const id = await enqueueCondition(alice, aborted, { timeout: { seconds: 3600n } });
  await alice.runs.abortRun({ runId: runIdOf(aborted), reason: "not today" });
  const { details } = await alice.runs.getActionDetails({ actionId: id });
  expect(details?.result).toMatchObject({ case: "abortInfo", value: { reason: "not today" } });
  expect(await codeOf(sendSignal(alice, id, yes))).toBe("FailedPrecondition");
  expect(await codeOf(enqueueCondition(alice, aborted, {}, "late"))).toBe("Aborted");

  const flag = join(await mkdtemp(join(tmpdir(), "conditions-")), "end");
  onTestFinished(() => rm(dirname(flag), { recursive: true }));
  const short = await alice.deployScript(
    "short",
    `while [ ! -e "${flag}" ]; do sleep 0.02; done; : > "$out/outputs.pb"`,
  );
  const ended = await alice.start(short);
  const left = await enqueueCondition(alice, ended);
  await writeFile(flag, "");
  expect(toPhase((await alice.reach(ended)).status?.phase ?? 0)).toBe("succeeded");
  await expect.poll(() => phaseOf(alice, left)).toBe("aborted");
});

test("a run can be found by what it waits for", async () => {
  const [run, other] = [await waitingRun(), await waitingRun()];
  const id = await enqueueCondition(alice, run, {}, "the-action");
  await enqueueCondition(alice, other).then((done) => sendSignal(alice, done, yes));
  const filters = [
    {
      function: Filter_Function.EQUAL,
      field: "action_type",
      values: [String(ActionType.CONDITION)],
    },
  ];
  const listed = await alice.runs.listActions({ runId: runIdOf(run), request: { filters } });
  expect(listed.actions.map((action) => action.id?.name)).toEqual([id.name]);
  expect(listed.actions[0]?.status?.phase).toBe(fromPhase("paused"));
  const below = [
    ...filters,
    { function: Filter_Function.EQUAL, field: "parent_name", values: ["a1"] },
  ];
  const none = await alice.runs.listActions({ runId: runIdOf(run), request: { filters: below } });
  expect(none.actions).toEqual([]);
  // The field is newer than the messages here.
  const request = create(ListRunsRequestSchema, { scopeBy: { case: "taskName", value: task } });
  const runs = await alice.runs.listRuns(
    writeUnknownNumber(request, conditionFields.listPausedOnly, 1),
  );
  const names = runs.runs.map(nameOf);
  expect(names).toContain(nameOf(run));
  expect(names).not.toContain(nameOf(other));
});

test("a watcher of the parent gets what is there, then the value it was signalled with", async () => {
  const run = await waitingRun();
  const resolved = await enqueueCondition(alice, run, {}, "first");
  await sendSignal(alice, resolved, no);
  const waiting = await enqueueCondition(alice, run, {}, "second");
  const seen: string[] = [];
  const stop = new AbortController();
  const updates = alice.actions.watchForUpdates(
    { filter: { case: "parentActionId", value: actionOf(run) } },
    { signal: stop.signal },
  );
  for await (const { message } of updates) {
    if (message.case === "controlMessage") {
      expect(seen.splice(0)).toEqual(["a0 running", "first succeeded false", "second paused"]);
      await sendSignal(bob, waiting, yes);
    } else if (message.case === "actionUpdate") {
      const { actionId, phase, value } = message.value;
      const scalar = value?.value.case === "scalar" ? value.value.value.value : undefined;
      const shown = scalar?.case === "primitive" ? ` ${scalar.value.value.value}` : "";
      seen.push(`${actionId?.name} ${toPhase(phase)}${shown}`);
      if (seen.includes("second succeeded true")) break;
    }
  }
  stop.abort();
});

test("what is enqueued again is what it was; another under its name is refused", async () => {
  const run = await waitingRun();
  const id = await enqueueCondition(alice, run, { prompt: "one" });
  await enqueueCondition(alice, run, { prompt: "two" });
  const { condition } = readDetails((await alice.runs.getActionDetails({ actionId: id })).details);
  expect(condition?.prompt).toBe("one");
  const root = actionOf(run);
  const asTrace = { case: "trace", value: { name: "t", phase: fromPhase("succeeded") } } as const;
  const again = { actionId: id, parentActionName: root.name, spec: asTrace };
  expect(await codeOf(alice.actions.enqueue({ action: again }))).toBe("AlreadyExists");
});

test.for([
  ["a type that is no simple one", { type: SimpleType.DATETIME }, undefined],
  ["no type", { type: SimpleType.NONE }, undefined],
  ["a name that is empty", { name: "" }, "x"],
  ["a name with a line break", { name: "a\nb" }, "x"],
  ["a long prompt", { prompt: "x".repeat(10_001) }, undefined],
  ["the name of the root", {}, "a0"],
  ["the name of the folder of inputs", {}, "inputs"],
  ["a name that leaves the folder", {}, ".."],
  ["a name with a slash", {}, "a/b"],
  ["a name that is too long", {}, "x".repeat(31)],
] as const)("a condition with %s is refused", async ([, condition, name]) => {
  const run = await waitingRun();
  expect(await codeOf(enqueueCondition(alice, run, condition, name))).toBe("InvalidArgument");
});

test("a condition needs a parent that is there and is a task", async () => {
  const run = await waitingRun();
  const id = await enqueueCondition(alice, run);
  const below = (parentActionName: string) =>
    codeOf(
      alice.actions.enqueue({
        action: {
          actionId: { ...id, name: "c" },
          parentActionName,
          spec: { case: "trace", value: { name: "c", phase: fromPhase("succeeded") } },
        },
      }),
    );
  expect(await below("nobody")).toBe("NotFound");
  expect(await below(id.name)).toBe("InvalidArgument");
  expect(await below("")).toBe("InvalidArgument");
});
