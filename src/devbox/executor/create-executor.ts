import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { type AttemptFiles, prepareFiles, readPrimitiveInputs } from "./attempt-files.ts";
import { createCapture } from "./capture.ts";
import { hostEnvironment, podName, TOKEN_VARIABLE, toEnvironment } from "./environment.ts";
import type { AttemptHooks, AttemptRequest, AttemptResult, Executor } from "./executor.ts";
import { startRunningProcesses } from "./leftovers.ts";
import { logPath, openLog, readLog } from "./log-file.ts";
import { type ProcessEnd, toResult } from "./outcome.ts";
import { type LaunchOptions, runProcess } from "./process.ts";
import { createStopSignal, type StopReason, type StopSignal } from "./stop-signal.ts";
import { namesInputs, substituteTemplate } from "./template.ts";
import { createWorkFolders } from "./work-folders.ts";
import { WorkerPool } from "./worker-pool.ts";

export interface ExecutorOptions {
  /** Folder for logs, working directories and the record of running processes. */
  readonly stateDir: string;
  /** URL of the control plane's API, which tasks may call back. */
  readonly controlPlaneUrl: string;
  /**
   * What is really executed for a task whose command is the key, for example `flyte-task`. With
   * `warm` it is kept running between attempts; it must then understand `--worker`.
   *
   * @default {}: commands are looked up on the PATH
   */
  readonly launchers?: Readonly<Record<string, Launcher>>;
  /** Warm workers kept per launcher. @default the number of processors, at least 2 */
  readonly maxWarmWorkers?: number;
  /** Warm workers started at once, ahead of the first attempt. @default 0 */
  readonly warmUp?: number;
  /** Time between SIGTERM and SIGKILL, in milliseconds. @default 5000 */
  readonly killGraceMs?: number;
  /** How long a warm worker's output may come after its answer, in milliseconds. @default 2000 */
  readonly lateOutputMs?: number;
  /** Output kept per attempt, in bytes; the rest is dropped with a notice. @default 16 MiB */
  readonly maxLogBytes?: number;
  /** Where the visible part of the tasks' environment comes from. @default process.env */
  readonly hostEnv?: Readonly<Record<string, string | undefined>>;
}

export interface Launcher {
  /** Command and arguments, put in place of the task's first argument. */
  readonly argv: readonly string[];
  /** @default false: a new process for each attempt */
  readonly warm?: boolean;
}

/**
 * Makes the executor that runs attempts as processes of this machine, below one state folder.
 *
 * Processes that an earlier life with the same folder left behind are ended before this returns.
 * Two executors must not share a folder.
 */
export function createExecutor(options: ExecutorOptions): Executor {
  const stateDir = resolve(options.stateDir);
  const logsDir = join(stateDir, "logs");
  const host = hostEnvironment(options.hostEnv ?? process.env);
  const { killGraceMs = 5000, lateOutputMs = 2000 } = options;
  const running = startRunningProcesses(join(stateDir, "running"));
  const workFolders = createWorkFolders(join(stateDir, "work"));
  const closing = new AbortController();
  // One listener per running attempt.
  setMaxListeners(0, closing.signal);
  const attempts = new Set<Promise<AttemptResult>>();
  const pools = new Map<string, WorkerPool>();
  for (const [name, { argv, warm }] of Object.entries(options.launchers ?? {})) {
    if (warm !== true || !isCommand(argv)) continue;
    const maxWorkers = options.maxWarmWorkers ?? Math.max(2, availableParallelism());
    pools.set(
      name,
      new WorkerPool({ argv, env: host, cwd: stateDir, running, maxWorkers, lateOutputMs }),
    );
    pools.get(name)?.warmUp(options.warmUp ?? 0);
  }

  function launch(options_: LaunchOptions): Promise<ProcessEnd> {
    const [name, ...args] = options_.argv;
    const pool = pools.get(name);
    if (pool !== undefined) return pool.run(options_);
    const launcher = options.launchers?.[name]?.argv ?? [name];
    return runProcess({ ...options_, argv: [launcher[0] ?? name, ...launcher.slice(1), ...args] });
  }

  async function attempt(
    request: AttemptRequest,
    hooks: AttemptHooks,
    stop: StopSignal,
  ): Promise<AttemptResult> {
    const files = await prepareFiles(request);
    const argv = await toArgv(request, files);
    if (!isCommand(argv)) return noCommand(request);
    const token = randomUUID();
    const log = openLog(logPath(logsDir, request));
    const capture = createCapture({
      ...(options.maxLogBytes === undefined ? {} : { maxBytes: options.maxLogBytes }),
      onLines(lines) {
        log.append(lines);
        for (const line of lines) hooks.onLine(line);
      },
    });
    const cwd = workFolders.take();
    running.add(token);
    try {
      const env = toEnvironment(request, { host, ...options });
      const end = await launch({
        argv,
        env: { ...env, [TOKEN_VARIABLE]: token },
        cwd,
        token,
        signal: stop.signal,
        killGraceMs,
        onRunning() {
          stop.startTimeout(request.timeoutMs);
          hooks.onRunning();
        },
        onOutput: (stream, chunk) => capture.push(stream, chunk),
      });
      capture.end();
      if (stop.reason !== undefined) return stopped(stop.reason, request);
      return toResult({
        end,
        errorDocument: await files.readErrorDocument(),
        stderrTail: capture.stderrTail(),
        podName: podName(request),
        outputsUri: files.outputsUri,
      });
    } finally {
      log.close();
      running.remove(token);
      await workFolders.giveBack(cwd);
    }
  }

  async function run(request: AttemptRequest, hooks: AttemptHooks): Promise<AttemptResult> {
    using stop = createStopSignal(hooks.signal, closing.signal);
    if (stop.reason !== undefined) return stopped(stop.reason, request);
    try {
      return await attempt(request, hooks, stop);
    } catch (error) {
      return systemFailure(error);
    }
  }

  let closed: Promise<void> | undefined;
  function close(): Promise<void> {
    closed ??= end();
    return closed;
  }

  async function end(): Promise<void> {
    closing.abort();
    await Promise.all(attempts);
    await Promise.all([...pools.values()].map((pool) => pool.close(killGraceMs)));
    running.close();
    workFolders.close();
  }

  return {
    async run(request, hooks) {
      const result = run(request, hooks);
      attempts.add(result);
      try {
        return await result;
      } finally {
        attempts.delete(result);
      }
    },
    readLines: (key) => readLog(logPath(logsDir, key)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function toArgv(request: AttemptRequest, files: AttemptFiles): Promise<readonly string[]> {
  const { argv, inputsUri, runStartTime, run, action, attempt, project, domain } = request;
  return substituteTemplate(argv, {
    inputsUri,
    runStartTime,
    run,
    action,
    attempt,
    namespace: `${project}-${domain}`,
    outputPrefix: files.outputPrefix,
    ...(files.previousOutputPrefix === undefined
      ? {}
      : { previousOutputPrefix: files.previousOutputPrefix }),
    inputs: namesInputs(argv) ? await readPrimitiveInputs(inputsUri) : new Map(),
  });
}

function isCommand(argv: readonly string[]): argv is readonly [string, ...string[]] {
  return argv[0] !== undefined && argv[0] !== "";
}

function noCommand({ task }: AttemptRequest): AttemptResult {
  const message = `Task ${JSON.stringify(task.name)} has no container command; give its container args.`;
  return {
    kind: "failed",
    retryable: false,
    error: { code: "NoCommand", kind: "user", message },
  };
}

function stopped(reason: StopReason, { attempt, timeoutMs }: AttemptRequest): AttemptResult {
  if (reason === "aborted") return { kind: "aborted" };
  if (reason === "timed_out") {
    const message = `Attempt ${attempt} was stopped because it exceeded its timeout of ${timeoutMs} ms.`;
    return { kind: "timed_out", error: { code: "TimedOut", kind: "user", message } };
  }
  const message = "The devbox was closed while the task was running.";
  return {
    kind: "failed",
    retryable: true,
    error: { code: "Interrupted", kind: "system", message },
  };
}

function systemFailure(error: unknown): AttemptResult {
  const message = error instanceof Error ? error.message : String(error);
  return {
    kind: "failed",
    retryable: true,
    error: { code: "ExecutorError", kind: "system", message },
  };
}
