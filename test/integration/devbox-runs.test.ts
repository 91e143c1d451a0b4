import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Devbox, startDevbox } from "../../src/devbox/index.ts";
import { LiteralSchema } from "../../src/idl/literals.ts";
import { RunSource } from "../../src/idl/runs.ts";
import { toPhase } from "../../src/values/phases.ts";
import {
  actionOf,
  codeOf,
  connect,
  type DevboxClient,
  nameOf,
  runIdOf,
} from "../support/devbox-client.ts";

let devbox: Devbox;
let alice: DevboxClient;
let bob: DevboxClient;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "devbox-runs-"));
  devbox = await startDevbox({ state: "memory", port: 0 });
  alice = connect(devbox, "alice");
  bob = connect(devbox, "bob");
});

afterAll(async () => {
  await devbox.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

const echo = 'echo to stdout; echo to stderr >&2; cp "$in" "$out/outputs.pb"';

function integer(value: number) {
  return create(LiteralSchema, {
    value: {
      case: "scalar",
      value: {
        value: {
          case: "primitive",
          value: { value: { case: "integer", value: BigInt(value) } },
        },
      },
    },
  });
}

const input = (name: string, value: number) => ({ name, value: integer(value) });
const namesAndValues = (message: { literals: { name: string; value?: unknown }[] } | undefined) =>
  message?.literals.map(({ name, value }) => ({ name, value }));

test("a run goes from queued to succeeded; its inputs, with defaults, and outputs can be read", async () => {
  const task = await alice.deployScript("echo", echo, {
    defaultInputs: [
      { name: "y", parameter: { behavior: { case: "default", value: integer(5) } } },
      { name: "x", parameter: { behavior: { case: "default", value: integer(6) } } },
    ],
  });
  const inputs = { literals: [input("x", 1)] };
  const run = await alice.start(task, {
    inputWrapper: { case: "inputs", value: inputs },
    source: RunSource.CLI,
  });
  expect(nameOf(run)).toMatch(/^r[bcdfghjklmnpqrstvwxz2456789]{19}$/);
  expect(toPhase(run.action?.status?.phase ?? 0)).toBe("queued");
  const details = await alice.reach(run);
  expect(toPhase(details.status?.phase ?? 0)).toBe("succeeded");
  expect(details.status?.durationMs).toBeGreaterThanOrEqual(0n);
  expect(details.metadata).toMatchObject({
    executedBy: { principal: { case: "user", value: { id: { subject: "alice" } } } },
    environmentName: "scripts",
    source: RunSource.CLI,
    spec: { case: "task", value: { id: task, taskType: "shell" } },
  });
  expect(details.attempts).toHaveLength(1);
  expect(details.attempts[0]?.phaseTransitions.map(({ phase }) => toPhase(phase))).toEqual([
    "initializing",
    "running",
    "succeeded",
  ]);
  const actionId = actionOf(run);
  const data = await alice.data.getActionData({ actionId });
  const expected = [input("x", 1), input("y", 5)];
  expect(namesAndValues(data.inputs)).toEqual(expected);
  expect(namesAndValues(data.outputs)).toEqual(expected);
  const uris = await alice.runs.getActionDataURIs({ actionId });
  expect(uris.inputsUri).toMatch(/\/inputs\.pb$/);
  expect(uris.outputsUri).toMatch(/\/a0\/1\/outputs\.pb$/);
});

test("every run shows the caller who started it, also by uploaded inputs and by value", async () => {
  const task = await alice.deployScript("echo", echo);
  const { details } = await alice.tasks.getTaskDetails({ taskId: task });
  const id = { case: "projectId" as const, value: { name: "flytesnacks", domain: "development" } };
  const { offloadedInputData } = await bob.data.uploadInputs({
    id,
    task: { case: "taskId", value: task },
    inputs: { literals: [input("z", 9)] },
  });
  if (offloadedInputData === undefined || details?.spec === undefined) throw new Error("nothing");
  const run = await bob.start(task, {
    task: { case: "taskSpec", value: details.spec },
    inputWrapper: { case: "offloadedInputData", value: offloadedInputData },
  });
  const ended = await bob.reach(run);
  expect(ended.metadata?.executedBy?.principal.value?.id?.subject).toBe("bob");
  const { outputs } = await bob.data.getActionData({ actionId: actionOf(run) });
  expect(namesAndValues(outputs)).toEqual([input("z", 9)]);
});

test("a name that exists answers with its run, whose inputs stay, however many ask at once", async () => {
  const task = await alice.deployScript("echo", echo);
  const value = { project: "flytesnacks", domain: "development", name: "chosen-name" };
  const runs = await Promise.all(
    [1, 2, 3, 4, 5].map((x) =>
      alice.start(task, {
        id: { case: "runId", value },
        inputWrapper: { case: "inputs", value: { literals: [input("x", x)] } },
      }),
    ),
  );
  expect(new Set(runs.map(nameOf))).toEqual(new Set(["chosen-name"]));
  const [run] = runs;
  if (run === undefined) throw new Error("nothing");
  await alice.reach(run);
  const { inputs } = await alice.data.getActionData({ actionId: actionOf(run) });
  const again = await alice.start(task, { id: { case: "runId", value } });
  expect(toPhase(again.action?.status?.phase ?? 0)).toBe("succeeded");
  const later = await alice.data.getActionData({ actionId: actionOf(run) });
  expect(later.inputs).toEqual(inputs);
  expect(later.inputs?.literals).toHaveLength(1);
});

test("what a run may not be made of is refused with its code", async () => {
  const task = await alice.deployScript("echo", echo);
  const production = await alice.deployScript("echo", echo, { domain: "production" });
  const named = (name: string, project = "flytesnacks", domain = "development") => ({
    id: { case: "runId" as const, value: { project, domain, name } },
  });
  const uploaded = (uri: string) => ({
    inputWrapper: { case: "offloadedInputData" as const, value: { uri } },
  });
  const codes = {
    upperCase: await codeOf(alice.start(task, named("Upper"))),
    tooLong: await codeOf(alice.start(task, named("r".repeat(31)))),
    noId: await codeOf(alice.start(task, { id: { case: undefined } })),
    climbing: await codeOf(alice.start(task, named("r1", "flytesnacks", ".."))),
    unknownProject: await codeOf(alice.start(task, named("r1", "nowhere"))),
    unknownTask: await codeOf(alice.start({ ...task, version: "none" })),
    noTask: await codeOf(alice.start(task, { task: { case: undefined } })),
    unknownTrigger: await codeOf(
      alice.start(task, {
        task: {
          case: "triggerName",
          value: { project: "flytesnacks", domain: "development", taskName: "t", name: "nightly" },
        },
      }),
    ),
    halfATrigger: await codeOf(
      alice.start(task, { task: { case: "triggerName", value: { name: "nightly" } } }),
    ),
    outside: await codeOf(alice.start(task, uploaded("file:///etc"))),
    climbingUri: await codeOf(alice.start(task, uploaded("file:///tmp/../etc/inputs.pb"))),
    inProduction: await codeOf(bob.start(production)),
    ofProduction: await codeOf(bob.start(task, { task: { case: "taskId", value: production } })),
    withoutCredential: await codeOf(connect({ ...devbox, keys: {} }, "nobody").start(task)),
  };
  expect(codes).toEqual({
    upperCase: "InvalidArgument",
    tooLong: "InvalidArgument",
    noId: "InvalidArgument",
    climbing: "InvalidArgument",
    unknownProject: "NotFound",
    unknownTask: "NotFound",
    noTask: "InvalidArgument",
    unknownTrigger: "NotFound",
    halfATrigger: "InvalidArgument",
    outside: "InvalidArgument",
    climbingUri: "InvalidArgument",
    inProduction: "PermissionDenied",
    ofProduction: "PermissionDenied",
    withoutCredential: "Unauthenticated",
  });
});

test("an abort ends the run at once and its processes after it; later aborts change nothing", async () => {
  const pidFile = join(folder, "pid");
  const task = await alice.deployScript("endless", `echo $$ > ${pidFile}; exec sleep 600`);
  const run = await alice.start(task);
  await alice.reach(run, "running");
  // The shell makes the file before it writes to it.
  await expect.poll(() => readFile(pidFile, "utf8").catch(() => "")).toMatch(/^\d+\n$/);
  const pid = Number(await readFile(pidFile, "utf8"));
  const runId = runIdOf(run);
  expect(await codeOf(bob.runs.abortRun({ runId: { ...runId, domain: "production" } }))).toBe(
    "PermissionDenied",
  );
  await bob.runs.abortRun({ runId, reason: "enough" });
  const { details } = await alice.runs.getRunDetails({ runId });
  expect(toPhase(details?.action?.status?.phase ?? 0)).toBe("aborted");
  expect(details?.action?.result).toMatchObject({
    case: "abortInfo",
    value: { reason: "enough", abortedBy: { principal: { value: { id: { subject: "bob" } } } } },
  });
  await expect.poll(() => isAlive(pid)).toBe(false);
  await alice.runs.abortRun({ runId, reason: "again" });
  await alice.runs.abortAction({ actionId: actionOf(run), reason: "again" });
  const after = await alice.runs.getRunDetails({ runId });
  expect(after.details).toEqual(details);
  expect(await codeOf(alice.runs.abortRun({ runId: { ...runId, name: "rnone" } }))).toBe(
    "NotFound",
  );
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test("a failing task is tried again and then failed with its error; a late one is timed out", async () => {
  const failing = await alice.deployScript("failing", "echo broken >&2; exit 3", { retries: 1 });
  const late = await alice.deployScript("late", "exec sleep 600", { timeoutSeconds: 1 });
  const [failed, timedOut] = await Promise.all(
    [failing, late].map(async (task) => alice.reach(await alice.start(task))),
  );
  expect(toPhase(failed?.status?.phase ?? 0)).toBe("failed");
  expect(failed?.attempts.map(({ attempt, phase }) => [attempt, toPhase(phase)])).toEqual([
    [1, "failed"],
    [2, "failed"],
  ]);
  expect(failed?.result).toMatchObject({
    case: "errorInfo",
    value: { message: expect.stringContaining("broken") },
  });
  expect(toPhase(timedOut?.status?.phase ?? 0)).toBe("timed_out");
  const actionId = failed?.id;
  const data = await alice.data.getActionData(actionId === undefined ? {} : { actionId });
  expect(data.outputs?.literals).toEqual([]);
});

test("logs are followed while the task runs, and end with it", async () => {
  const gate = join(folder, "gate");
  const task = await alice.deployScript(
    "chatty",
    `echo one; until [ -e ${gate} ]; do sleep 0.02; done; seq 1 1200; echo two`,
  );
  const run = await alice.start(task);
  const actionId = actionOf(run);
  await alice.reach(run, "running");
  expect(await codeOf(firstLine(alice, { actionId, attempt: 2 }))).toBe("NotFound");
  const lines: string[] = [];
  for await (const { logs } of alice.data.tailLogs({ actionId, attempt: 1 })) {
    lines.push(...logs.flatMap((each) => each.lines.map(({ message }) => message)));
    if (lines.length === 1) await writeFile(gate, "");
  }
  const numbers = Array.from({ length: 1200 }, (_, index) => String(index + 1));
  expect(lines).toEqual(["one", ...numbers, "two"]);
  await alice.reach(run);
  const kept: string[] = [];
  for await (const { logs } of alice.data.tailLogs({ actionId, attempt: 1 })) {
    kept.push(...logs.flatMap((each) => each.lines.map(({ message }) => message)));
  }
  expect(kept).toEqual(lines);
  const { logContext } = await alice.runs.getActionLogContext({ actionId, attempt: 1 });
  expect(logContext?.primaryPodName).toBe(`${nameOf(run)}-a0-0`);
});

async function firstLine(
  { data }: DevboxClient,
  request: Parameters<DevboxClient["data"]["tailLogs"]>[0],
): Promise<void> {
  for await (const _ of data.tailLogs(request)) return;
}
