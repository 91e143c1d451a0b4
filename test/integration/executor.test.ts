import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createExecutor, type ExecutorOptions } from "../../src/devbox/executor/create-executor.ts";
import type {
  AttemptLine,
  AttemptRequest,
  AttemptResult,
  Executor,
} from "../../src/devbox/executor/executor.ts";
import { parseRecord } from "../../src/devbox/executor/leftovers.ts";
import {
  ContainerError_Kind,
  ErrorDocumentSchema,
  ExecutionError_ErrorKind,
} from "../../src/idl/execution.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "executor-"));
});
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 10 }));

const node = process.execPath;
const script = (code: string) => [node, "-e", code];

async function start(options: Partial<ExecutorOptions> = {}) {
  const stateDir = await mkdtemp(join(root, "state-"));
  const executor = createExecutor({
    stateDir,
    controlPlaneUrl: "http://127.0.0.1:30080",
    killGraceMs: 500,
    ...options,
  });
  onTestFinished(() => executor.close());
  return { stateDir, executor };
}

let runs = 0;
function request(stateDir: string, argv: readonly string[], more: Partial<AttemptRequest> = {}) {
  const run = `r${++runs}`;
  const base = pathToFileURL(join(stateDir, "data", run)).href;
  return {
    org: "",
    project: "flytesnacks",
    domain: "development",
    run,
    action: "a0",
    attempt: 1,
    task: { project: "flytesnacks", domain: "development", name: "x.y", version: "v1" },
    argv,
    env: {},
    inputsUri: `${base}/inputs/inputs.pb`,
    runBase: base,
    runStartTime: new Date(0),
    ...more,
  } satisfies AttemptRequest;
}

interface Ran {
  readonly result: AttemptResult;
  readonly lines: readonly AttemptLine[];
  readonly running: number;
}

async function run(
  executor: Executor,
  attempt: AttemptRequest,
  watch: { signal?: AbortSignal; onLine?: (line: AttemptLine) => void } = {},
): Promise<Ran> {
  const lines: AttemptLine[] = [];
  let running = 0;
  const result = await executor.run(attempt, {
    signal: watch.signal ?? new AbortController().signal,
    onRunning: () => running++,
    onLine(line) {
      lines.push(line);
      watch.onLine?.(line);
    },
  });
  return { result, lines, running };
}

async function logOf(executor: Executor, attempt: AttemptRequest): Promise<AttemptLine[]> {
  const lines: AttemptLine[] = [];
  for await (const line of executor.readLines(attempt)) lines.push(line);
  return lines;
}

/** Command lines of live processes that hold a text; zombies have none. */
function processesWith(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8");
      } catch {
        return "";
      }
    })
    .filter((command) => command.includes(text));
}

const messages = (lines: readonly AttemptLine[]) => lines.map(({ message }) => message);

test("a command that exits 0 succeeds, and its output is handed over and kept", async () => {
  const { executor, stateDir } = await start();
  const code = `console.log("hello"); console.error("there", process.argv[1])`;
  const attempt = request(stateDir, [...script(code), "{{.outputPrefix}}"]);
  const { result, lines, running } = await run(executor, attempt);
  expect(result).toEqual({ kind: "succeeded", outputsUri: `${attempt.runBase}/a0/1/outputs.pb` });
  expect(running).toBe(1);
  const kept = await logOf(executor, attempt);
  expect(kept).toEqual(lines);
  expect(kept.map(({ stream, message }) => `${stream} ${message}`).sort()).toEqual([
    `stderr there ${attempt.runBase}/a0/1`,
    "stdout hello",
  ]);
  const [folder = "", ...others] = await readdir(join(stateDir, "work"));
  expect([others, await readdir(join(stateDir, "work", folder))]).toEqual([[], []]);
  expect(parseRecord(await readFile(join(stateDir, "running"), "utf8")).size).toBe(0);
});

test("a non-zero exit may be retried and shows the last words of stderr", async () => {
  const { executor, stateDir } = await start();
  const code = `console.error("no such table"); process.exit(3)`;
  const { result } = await run(executor, request(stateDir, script(code)));
  expect(result).toMatchObject({
    kind: "failed",
    retryable: true,
    error: {
      kind: "user",
      message: expect.stringMatching(/exit code \(3\).*Message: no such table/),
    },
  });
});

test.each([
  [ContainerError_Kind.RECOVERABLE, true],
  [ContainerError_Kind.NON_RECOVERABLE, false],
])("exit 0 with an error document of kind %s fails, retryable: %s", async (kind, retryable) => {
  const { executor, stateDir } = await start();
  const error = { code: "E", message: "m", kind, origin: ExecutionError_ErrorKind.USER };
  const bytes = toBinary(ErrorDocumentSchema, create(ErrorDocumentSchema, { error }));
  const code = `require("fs").writeFileSync(new URL(process.argv[1] + "/error.pb"),
    Buffer.from(process.argv[2], "hex"))`;
  const hex = Buffer.from(bytes).toString("hex");
  const attempt = request(stateDir, [...script(code), "{{.outputPrefix}}", hex]);
  expect((await run(executor, attempt)).result).toEqual({
    kind: "failed",
    retryable,
    error: { code: "E", message: "m", kind: "user" },
  });
  // The same attempt again, as after a crash: the old error document does not count.
  const again = await run(executor, { ...attempt, argv: script("") });
  expect(again.result.kind).toBe("succeeded");
});

test("SIGKILL from outside is a system failure", async () => {
  const { executor, stateDir } = await start();
  const code = `process.kill(process.pid, "SIGKILL")`;
  const { result } = await run(executor, request(stateDir, script(code)));
  expect(result).toMatchObject({ kind: "failed", retryable: true, error: { kind: "system" } });
});

test("a command that is not there is named, and not tried again", async () => {
  const { executor, stateDir } = await start();
  const { result } = await run(executor, request(stateDir, ["no-such-command-here"]));
  expect(result).toMatchObject({
    kind: "failed",
    retryable: false,
    error: { kind: "user", message: expect.stringContaining("no-such-command-here") },
  });
});

test("no shell sees the arguments", async () => {
  const { executor, stateDir } = await start();
  const argument = "$(touch hacked); `id` && echo $HOME";
  const code = "console.log(process.argv[1])";
  const { lines } = await run(executor, request(stateDir, [...script(code), argument]));
  expect(messages(lines)).toEqual([argument]);
});

test("a timeout ends a process that ignores SIGTERM", async () => {
  const { executor, stateDir } = await start();
  const code = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)`;
  const attempt = request(stateDir, script(code), { timeoutMs: 300 });
  const { result } = await run(executor, attempt);
  expect(result).toMatchObject({ kind: "timed_out", error: { code: "TimedOut" } });
});

test("an abort ends children and grandchildren, those in other sessions too", async () => {
  const { executor, stateDir } = await start({ killGraceMs: 60_000 });
  const mark = `mark-${process.pid}-${runs}-abort`;
  const inner = JSON.stringify(`console.log("up"); setInterval(() => {}, 1000); "${mark}"`);
  const code = `const { spawn } = require("child_process");
    const stdio = ["ignore", "inherit", "inherit"];
    spawn(process.execPath, ["-e", ${inner}], { stdio });
    spawn(process.execPath, ["-e", ${inner}], { stdio, detached: true });
    process.on("SIGTERM", () => process.exit(0));
    setInterval(() => {}, 1000)`;
  const abort = new AbortController();
  let up = 0;
  const { result } = await run(executor, request(stateDir, script(code)), {
    signal: abort.signal,
    onLine() {
      up++;
      if (up === 2) {
        expect(processesWith(mark).length).toBeGreaterThanOrEqual(2);
        abort.abort();
      }
    },
  });
  expect(result).toEqual({ kind: "aborted" });
  expect(processesWith(mark)).toEqual([]);
});

test("children left behind by a process that succeeded are ended", async () => {
  const { executor, stateDir } = await start({ killGraceMs: 60_000 });
  const mark = `mark-${process.pid}-${runs}-left`;
  const code = `require("child_process").spawn(process.execPath,
    ["-e", "setInterval(() => {}, 1000); '${mark}'"], { stdio: "inherit" }).unref()`;
  const { result } = await run(executor, request(stateDir, script(code)));
  expect(result.kind).toBe("succeeded");
  expect(processesWith(mark)).toEqual([]);
});

test("closing ends what runs, as a failure of the system that may be retried", async () => {
  const { executor, stateDir } = await start();
  const code = `console.log("up"); setInterval(() => {}, 1000)`;
  const ran = run(executor, request(stateDir, script(code)), {
    onLine: () => void executor.close(),
  });
  expect((await ran).result).toMatchObject({
    kind: "failed",
    retryable: true,
    error: { code: "Interrupted", kind: "system" },
  });
});

test("processes that a killed devbox left behind are ended at the next start", async () => {
  const { stateDir } = await start();
  const { spawn } = await import("node:child_process");
  const token = "11111111-2222-4333-8444-555555555555";
  const child = spawn(node, ["-e", `setInterval(() => {}, 1000)`], {
    env: { FLYTE_WEBHOOK_PROCESS: token },
    detached: true,
    stdio: "ignore",
  });
  await new Promise((resolve) => child.once("spawn", resolve));
  const exited = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  await writeFile(join(stateDir, "running"), `+gone\n-gone\n+${token}\n`);
  await using _next = createExecutor({ stateDir, controlPlaneUrl: "http://127.0.0.1:1" });
  expect(await exited).toBe("SIGKILL");
  expect(await readFile(join(stateDir, "running"), "utf8")).toBe("");
});

test("a megabyte of output arrives byte for byte", async () => {
  const { executor, stateDir } = await start();
  const code = `for (let i = 0; i < 20000; i++) console.log(i + " " + "é".repeat(24))`;
  const attempt = request(stateDir, script(code));
  const { lines } = await run(executor, attempt);
  const expected = Array.from({ length: 20_000 }, (_, i) => `${i} ${"é".repeat(24)}`);
  expect(messages(lines)).toEqual(expected);
  expect(messages(await logOf(executor, attempt))).toEqual(expected);
});

test("the log is on disk before it is handed over", async () => {
  const { executor, stateDir } = await start();
  const attempt = request(stateDir, script(`console.log("first")`));
  let onDisk: Promise<string> | undefined;
  await run(executor, attempt, {
    onLine() {
      const dir = join(stateDir, "logs", "flytesnacks", "development");
      onDisk = readFile(join(dir, `${attempt.run},a0,1.log`), "utf8");
    },
  });
  expect(await onDisk).toContain("first");
});

/** A launcher that keeps to the worker protocol but is written by somebody else. */
async function startWithWorker(onJob: string, lateOutputMs = 60_000) {
  const path = join(await mkdtemp(join(root, "worker-")), "worker.mjs");
  await writeFile(
    path,
    `process.send({ type: "ready" });
     process.on("disconnect", () => process.exit(0));
     const done = ({ id }, exitCode = 0) =>
       process.send({ type: "done", id, exitCode, retire: false, rssBytes: 1 });
     const end = ({ marker }) => { process.stdout.write(marker); process.stderr.write(marker); };
     let jobs = 0;
     process.on("message", (job) => { if (job.type === "job") { jobs++; ${onJob} } });`,
  );
  const launchers = { work: { argv: [node, path], warm: true } };
  return start({ maxWarmWorkers: 1, lateOutputMs, launchers });
}

test("output that a worker sends after its answer still belongs to the job", async () => {
  const { executor, stateDir } = await startWithWorker(`
    done(job);
    setTimeout(() => { console.log("late " + jobs); end(job); }, 100);`);
  // One after the other: two at once may get a worker each.
  const ran = [
    await run(executor, request(stateDir, ["work", "{{.input}}"])),
    await run(executor, request(stateDir, ["work", "{{.input}}"])),
  ];
  expect(ran.map(({ lines }) => messages(lines))).toEqual([["late 1"], ["late 2"]]);
  expect(ran.map(({ result }) => result.kind)).toEqual(["succeeded", "succeeded"]);
});

test("a worker that exits in a job fails that job only, with its output", async () => {
  const { executor, stateDir } = await startWithWorker(`
    if (job.argv[0] === "die") { console.error("dying"); process.exit(3); }
    end(job); done(job);`);
  const died = await run(executor, request(stateDir, ["work", "die"]));
  expect(died.result).toMatchObject({
    kind: "failed",
    retryable: true,
    error: { kind: "user", message: expect.stringMatching(/exit code \(3\).*dying/) },
  });
  const next = await run(executor, request(stateDir, ["work", "live"]));
  expect(next.result.kind).toBe("succeeded");
});

test("a worker that answers without its markers does not hold up the job for ever", async () => {
  const { executor, stateDir } = await startWithWorker(`console.log("alone"); done(job);`, 50);
  const { result, lines } = await run(executor, request(stateDir, ["work"]));
  expect(result.kind).toBe("succeeded");
  expect(messages(lines)).toEqual(["alone"]);
});

test("a launcher that is not there is named", async () => {
  const launchers = { work: { argv: ["no-such-launcher"], warm: true } };
  const { executor, stateDir } = await start({ launchers });
  const { result } = await run(executor, request(stateDir, ["work"]));
  expect(result).toMatchObject({
    kind: "failed",
    error: { code: "CommandNotFound", message: expect.stringContaining("no-such-launcher") },
  });
});
