import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createExecutor } from "../../src/devbox/executor/create-executor.ts";
import type {
  AttemptLine,
  AttemptRequest,
  AttemptResult,
  Executor,
} from "../../src/devbox/executor/executor.ts";
import { InputsSchema, OutputsSchema, type TaskSpec } from "../../src/idl/tasks.ts";
import type { JsonObject } from "../../src/shared/json.ts";
import { bundleTasks, type TaskBundle } from "../../src/tasks/bundle-tasks.ts";
import { toTaskSpec } from "../../src/tasks/task-spec.ts";
import { fromOutputs, toInputs } from "../../src/values/task-inputs.ts";

const HOSTILE = `
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { defineTask, NonRecoverableError, t } from "flyte-webhook/tasks";

export const exits = defineTask(
  { name: "odd.exits", inputs: { code: t.int() } },
  async ({ code }) => { process.exit(code); },
);
export const exitCode = defineTask({ name: "odd.exit_code" }, async () => { process.exitCode = 4; return {}; });
export const rejects = defineTask({ name: "odd.rejects" }, async () => {
  void Promise.reject(new RangeError("nobody waits for me"));
  await delay(60_000);
  return {};
});
export const never = defineTask({ name: "odd.never" }, () => new Promise(() => {}));
export const killed = defineTask({ name: "odd.killed" }, async () => {
  process.kill(process.pid, "SIGKILL");
  await delay(60_000);
  return {};
});
export const final = defineTask({ name: "odd.final", retries: 2 }, async () => {
  throw new NonRecoverableError("no way", { code: "NoWay" });
});
export const wrong = defineTask({ name: "odd.wrong", outputs: { x: t.int() } }, async () => ({ x: 1.5 }));
export const deaf = defineTask({ name: "odd.deaf" }, async () => { console.log("up"); await delay(60_000); return {}; });
export const spinning = defineTask({ name: "odd.spinning" }, async () => {
  process.stdout.write("up\\n");
  await delay(50);
  for (;;);
});
export const burst = defineTask(
  { name: "odd.burst", inputs: { id: t.string(), lines: t.int() } },
  async ({ id, lines }) => {
    for (let i = 0; i < lines; i++) {
      console.log(id + " out " + i + " " + "x".repeat(36));
      if (i % 10 === 0) console.error(id + " err " + i);
    }
    process.stdout.write(id + " no line break");
    return {};
  },
);
export const leaky = defineTask(
  { name: "odd.leaky", inputs: { set: t.boolean() }, outputs: { seen: t.string(), cwd: t.string() } },
  async ({ set }) => {
    const seen = [process.env.LEAK ?? "", process.env.GIVEN ?? "", process.env.HOST_SECRET ?? ""].join("|");
    const cwd = process.cwd();
    if (set) { process.env.LEAK = "leaked"; process.chdir("/"); }
    return { seen, cwd };
  },
);
export const spawns = defineTask({ name: "odd.spawns", inputs: { mark: t.string() } }, async ({ mark }) => {
  spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); '" + mark + "'"], { stdio: "inherit" }).unref();
  await delay(100);
  return {};
});
`;

let root: string;
/** The runtime as it is published: one file of plain JavaScript. */
let main: string;
let command: readonly string[];
let examples: TaskBundle;
let odd: TaskBundle;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "task-runtime-"));
  main = join(root, "main.mjs");
  command = [process.execPath, main];
  const runtime = { entryPoints: ["src/tasks/runtime/main.ts"], outfile: main };
  await build({ ...runtime, bundle: true, format: "esm", platform: "node", target: "node20" });
  await writeFile(join(root, "odd.ts"), HOSTILE);
  examples = await bundleTasks("examples/tasks/index.ts");
  odd = await bundleTasks(join(root, "odd.ts"));
  await writeFile(join(root, "examples.mjs"), examples.code);
  await writeFile(join(root, "odd.mjs"), odd.code);
});
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

function specOf(name: string): TaskSpec {
  const [bundle, file] = name.startsWith("odd.") ? [odd, "odd.mjs"] : [examples, "examples.mjs"];
  const task = bundle.tasks.find((candidate) => candidate.name === name);
  if (task === undefined) throw new Error(`no task ${name}`);
  const bundleUri = pathToFileURL(join(root, file)).href;
  return toTaskSpec(task, { project: "p", domain: "d", version: bundle.version, bundleUri });
}

interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onLine?: (line: AttemptLine) => void;
  readonly attempt?: number;
  readonly run?: string;
  readonly env?: Record<string, string>;
  readonly timeoutMs?: number;
}

interface Ran {
  readonly result: AttemptResult;
  readonly lines: readonly string[];
  readonly outputs: JsonObject;
  readonly attempt: AttemptRequest;
}

let runs = 0;
async function run(
  executor: Executor,
  name: string,
  given: JsonObject,
  options: RunOptions = {},
): Promise<Ran> {
  const spec = specOf(name);
  const template = spec.taskTemplate;
  const container = template?.target.case === "container" ? template.target.value : undefined;
  const runName = options.run ?? `r${++runs}`;
  const base = join(root, "data", runName);
  await mkdir(join(base, "inputs"), { recursive: true });
  const iface = template?.interface;
  const inputs = toInputs(
    { ...(iface === undefined ? {} : { interface: iface }), defaultInputs: spec.defaultInputs },
    given,
  );
  await writeFile(join(base, "inputs", "inputs.pb"), toBinary(InputsSchema, inputs));
  const runBase = pathToFileURL(base).href;
  const attempt: AttemptRequest = {
    org: "",
    project: "p",
    domain: "d",
    run: runName,
    action: "a0",
    attempt: options.attempt ?? 1,
    task: { project: "p", domain: "d", name, version: "v" },
    argv: container?.args ?? [],
    env: options.env ?? {},
    inputsUri: `${runBase}/inputs/inputs.pb`,
    runBase,
    runStartTime: new Date(0),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  };
  const lines: string[] = [];
  const result = await executor.run(attempt, {
    signal: options.signal ?? new AbortController().signal,
    onRunning: () => undefined,
    onLine(line) {
      lines.push(line.message);
      options.onLine?.(line);
    },
  });
  return { result, lines, attempt, outputs: await outputsOf(result, spec) };
}

async function outputsOf(result: AttemptResult, spec: TaskSpec): Promise<JsonObject> {
  if (result.kind !== "succeeded") return {};
  const bytes = await readFile(fileURLToPath(result.outputsUri)).catch(() => new Uint8Array());
  return fromOutputs(fromBinary(OutputsSchema, bytes), spec.taskTemplate?.interface);
}

/** Process ids of live processes whose command line holds a text; zombies have none. */
function processesWith(text: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      try {
        return Number.isInteger(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text);
      } catch {
        return false;
      }
    });
}

describe.each([
  ["a warm worker", true],
  ["a process of its own", false],
])("on %s", (_name, warm) => {
  const start = async (killGraceMs: number) =>
    createExecutor({
      stateDir: await mkdtemp(join(root, "state-")),
      controlPlaneUrl: "http://127.0.0.1:30080",
      killGraceMs,
      maxWarmWorkers: 2,
      hostEnv: { ...process.env, HOST_SECRET: "secret" },
      launchers: { "flyte-task": { argv: command, warm } },
    });
  let executor: Executor;
  beforeAll(async () => {
    executor = await start(1000);
  });
  afterAll(() => executor.close());

  test("numbers are described", async () => {
    const { result, outputs } = await run(executor, "stats.describe", { values: [4, 1, 2, 3] });
    expect(result.kind).toBe("succeeded");
    expect(outputs).toEqual({ o0: 4, o1: 2.5, o2: Math.sqrt(5 / 3), o3: 1, o4: 2.5, o5: 4 });
  });

  test("a column of a CSV file is described, and an unknown column says which there are", async () => {
    const file = join(root, "data.csv");
    await writeFile(file, "name,size\na,1\nb,\nc,3\n");
    const given = { file: pathToFileURL(file).href, column: "size" };
    const { outputs } = await run(executor, "stats.describe_csv", given);
    expect(outputs).toMatchObject({ o0: 2, o1: 2, o6: 1 });
    const failed = await run(executor, "stats.describe_csv", { ...given, column: "weight" });
    expect(failed.result).toMatchObject({
      kind: "failed",
      retryable: false,
      error: { code: "UnknownColumn", message: expect.stringContaining("name, size") },
    });
  });

  test("a line is fitted", async () => {
    const given = { x: [0, 1, 2], y: [1, 3, 5] };
    const { outputs } = await run(executor, "regression.fit_line", given);
    expect(outputs).toEqual({ o0: 2, o1: 1, o2: 1 });
  });

  test("an error tells its code, its message and where it was thrown in the source", async () => {
    const { result, lines } = await run(executor, "failing.always", { reason: "no disk" });
    expect(result).toEqual({
      kind: "failed",
      retryable: false,
      error: {
        code: "NotReady",
        kind: "user",
        message: expect.stringMatching(/^Cannot go on: no disk\. .* \(at .*failing\.ts:\d+\)$/),
      },
    });
    expect(lines.join("\n")).toContain("failing.ts");
  });

  test("a flaky task is told its attempt and succeeds on the third", async () => {
    const at = async (attempt: number) =>
      (await run(executor, "failing.flaky", {}, { attempt, run: `flaky${warm}` })).result;
    expect(await at(1)).toMatchObject({ kind: "failed", retryable: true });
    expect(await at(2)).toMatchObject({ kind: "failed", error: { code: "ServiceDown" } });
    expect((await at(3)).kind).toBe("succeeded");
  });

  test("every type goes in and comes out the same", async () => {
    const given = {
      whole: -3,
      big: 9223372036854775807n,
      number: 2.5,
      text: "héllo\n",
      flag: true,
      moment: "2026-01-02T03:04:05.678Z",
      pause: 90.5,
      anything: { a: [1, "x", null, { b: 2.5 }] },
      place: { x: 3, y: 4.5 },
      list: [1, 2],
      table: { a: [1.5], b: [] },
      color: "green",
      either: "seven",
      file: { uri: "file:///data/x.csv", format: "csv" },
      folder: { uri: "file:///data" },
      dataset: { uri: "file:///data/t", format: "parquet" },
    };
    const { result, outputs } = await run(executor, "types.echo", given);
    expect(result.kind).toBe("succeeded");
    const values = Object.values(outputs);
    expect(values.slice(0, 5)).toEqual([-3, 9223372036854775807n, 2.5, "héllo\n", true]);
    expect(new Date(String(values[5]))).toEqual(new Date(given.moment));
    expect(values.slice(6, 14)).toEqual([
      90.5,
      given.anything,
      { x: 3, y: 4.5, label: "" },
      [1, 2],
      given.table,
      "green",
      null,
      "seven",
    ]);
    expect(values[14]).toMatchObject({ path: "file:///data/x.csv", format: "csv" });
    expect(values[15]).toMatchObject({ path: "file:///data" });
    expect(values[16]).toMatchObject({ uri: "file:///data/t", format: "parquet" });
  });

  test("the nightly job writes its report beside the outputs", async () => {
    const { outputs } = await run(executor, "orders.nightly", {});
    expect(outputs["o0"]).toEqual([
      { country: "DE", orders: 2, revenue: 100 },
      { country: "NL", orders: 2, revenue: 20 },
    ]);
    expect(outputs["o1"]).toBe(1);
    const report = outputs["o2"] as JsonObject;
    const text = await readFile(fileURLToPath(String(report["path"])), "utf8");
    expect(text).toBe("country,orders,revenue\nDE,2,100\nNL,2,20\n");
  });

  test("an abort fires the task's signal", async () => {
    await using patient = await start(60_000);
    const abort = new AbortController();
    const { result, lines } = await run(
      patient,
      "slow.count",
      { to: 1000, pause: 0.05 },
      { signal: abort.signal, onLine: () => abort.abort() },
    );
    expect(result).toEqual({ kind: "aborted" });
    expect(lines.join("\n")).toContain("AbortError");
  });

  test.each(["odd.deaf", "odd.spinning"])("%s is ended though it does not listen", async (name) => {
    const abort = new AbortController();
    const options = { signal: abort.signal, onLine: () => abort.abort() };
    const { result } = await run(executor, name, {}, options);
    expect(result).toEqual({ kind: "aborted" });
  });

  test("a timeout is told as such", async () => {
    const { result } = await run(executor, "odd.deaf", {}, { timeoutMs: 1500 });
    expect(result.kind).toBe("timed_out");
  });

  test("process.exit ends the task with that exit code", async () => {
    expect((await run(executor, "odd.exits", { code: 7 })).result).toMatchObject({
      kind: "failed",
      retryable: true,
      error: { message: expect.stringContaining("exit code (7)") },
    });
    expect((await run(executor, "odd.exit_code", {})).result).toMatchObject({
      error: { message: expect.stringContaining("exit code (4)") },
    });
    expect((await run(executor, "odd.exits", { code: 0 })).outputs).toEqual({ o0: null });
  });

  test("a rejection that nobody handles fails the task", async () => {
    expect((await run(executor, "odd.rejects", {})).result).toMatchObject({
      kind: "failed",
      error: { code: "RangeError", message: expect.stringContaining("nobody waits for me") },
    });
  });

  test("a promise that can never settle fails the task", async () => {
    expect((await run(executor, "odd.never", {})).result).toMatchObject({
      kind: "failed",
      error: { message: expect.stringContaining("never settled") },
    });
  });

  test("SIGKILL is a system failure and the next task runs", async () => {
    const { result } = await run(executor, "odd.killed", {});
    expect(result).toMatchObject({ kind: "failed", retryable: true, error: { kind: "system" } });
    expect((await run(executor, "stats.describe", { values: [1] })).result.kind).toBe("succeeded");
  });

  test("errors for good are not retryable, wrong outputs among them", async () => {
    expect((await run(executor, "odd.final", {})).result).toMatchObject({
      retryable: false,
      error: { code: "NoWay" },
    });
    expect((await run(executor, "odd.wrong", {})).result).toMatchObject({
      retryable: false,
      error: { code: "InvalidOutputs", message: expect.stringContaining("x: must be an integer") },
    });
  });

  test("environment and working directory of one task are not seen by the next", async () => {
    const first = await run(executor, "odd.leaky", { set: true }, { env: { GIVEN: "one" } });
    expect(first.outputs["o0"]).toBe("|one|");
    const dirs = [String(first.outputs["o1"])];
    for (let i = 0; i < 3; i++) {
      const next = await run(executor, "odd.leaky", { set: false });
      expect(next.outputs["o0"]).toBe("||");
      dirs.push(String(next.outputs["o1"]));
    }
    expect(new Set(dirs).size).toBe(4);
    expect(dirs).not.toContain("/");
  });

  test("processes that a task leaves behind are ended", async () => {
    const mark = `mark-${process.pid}-${warm}`;
    expect((await run(executor, "odd.spawns", { mark })).result.kind).toBe("succeeded");
    // The signal has been sent; how soon it takes effect is up to the system.
    await expect.poll(() => processesWith(mark)).toEqual([]);
  });

  test("a megabyte of output from each of many tasks is complete and never mixed up", async () => {
    const ids = Array.from({ length: warm ? 20 : 4 }, (_, i) => `job${i}`);
    const lines = 20_000;
    const all = await Promise.all(ids.map((id) => run(executor, "odd.burst", { id, lines })));
    for (const [index, { result, lines: seen }] of all.entries()) {
      const id = ids[index] ?? "";
      expect(result.kind).toBe("succeeded");
      const out = seen.filter((line) => !line.includes(" err "));
      const expected = Array.from({ length: lines }, (_, i) => `${id} out ${i} ${"x".repeat(36)}`);
      expect(out).toEqual([...expected, `${id} no line break`]);
      const err = seen.filter((line) => line.includes(" err "));
      expect(err).toEqual(Array.from({ length: lines / 10 }, (_, i) => `${id} err ${i * 10}`));
    }
  });
});

test("waiting tasks get a worker though long tasks hold all the others", async () => {
  await using executor = createExecutor({
    stateDir: await mkdtemp(join(root, "state-")),
    controlPlaneUrl: "http://127.0.0.1:30080",
    maxWarmWorkers: 1,
    killGraceMs: 1000,
    launchers: { "flyte-task": { argv: command, warm: true } },
  });
  const abort = new AbortController();
  const long = run(executor, "slow.count", { to: 10_000 }, { signal: abort.signal });
  expect((await run(executor, "stats.describe", { values: [1] })).result.kind).toBe("succeeded");
  abort.abort();
  expect((await long).result).toEqual({ kind: "aborted" });
});

test("closing leaves no worker", async () => {
  const marked = join(root, "marked.mjs");
  await copyFile(main, marked);
  const executor = createExecutor({
    stateDir: await mkdtemp(join(root, "state-")),
    controlPlaneUrl: "http://127.0.0.1:30080",
    killGraceMs: 1000,
    launchers: { "flyte-task": { argv: [process.execPath, marked], warm: true } },
  });
  await run(executor, "stats.describe", { values: [1] });
  expect(processesWith(marked)).toHaveLength(1);
  await executor.close();
  expect(processesWith(marked)).toEqual([]);
});

test("a worker ends by itself when its parent is killed", async () => {
  const parent = spawn(
    process.execPath,
    [
      "-e",
      `const { spawn } = require("child_process");
       const child = spawn(process.execPath, [...${JSON.stringify(command.slice(1))}, "--worker"],
         { detached: true, stdio: ["ignore", "inherit", "inherit", "ipc"] });
       child.on("spawn", () => console.log(child.pid));`,
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const [chunk] = (await once(parent.stdout, "data")) as [Buffer];
  expect(Number(chunk.toString())).toBeGreaterThan(0);
  // The worker holds the pipe too: it closes when both are gone.
  const closed = once(parent.stdout, "close");
  parent.kill("SIGKILL");
  await closed;
});

test("the inputs of a bundle are encoded as the interface says", () => {
  const spec = specOf("types.echo");
  expect(spec.defaultInputs.map(({ name }) => name)).toEqual(["maybe"]);
  expect(spec.taskTemplate?.type).toBe("typescript");
  expect(create(InputsSchema).literals).toEqual([]);
});
