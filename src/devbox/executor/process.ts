import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { signalGroup } from "../../shared/signal-process.ts";
import { within } from "../../shared/within.ts";
import type { AttemptLine } from "./executor.ts";
import { endGroup, killByToken } from "./kill.ts";
import type { ProcessEnd } from "./outcome.ts";

/** One process, or one job that a worker does as if it were a process. */
export interface LaunchOptions {
  /** Command and arguments. Never given to a shell. */
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The token in `env` by which its descendants can be found. */
  readonly token: string;
  /** Aborting it ends the process and all its descendants. */
  readonly signal: AbortSignal;
  /** Time between SIGTERM and SIGKILL, in milliseconds. */
  readonly killGraceMs: number;
  readonly onRunning: () => void;
  /** Gets the number of the process group; a job that a worker does has none of its own. */
  readonly onGroup?: (group: number) => void;
  /** The process itself is gone; what is left of its group is being ended. */
  readonly onExit?: () => void;
  readonly onOutput: (stream: AttemptLine["stream"], chunk: Uint8Array) => void;
}

/**
 * Runs a process as the leader of a group of its own, with stdin closed, and waits until it and
 * its group are gone and all output was handed over.
 */
export async function runProcess(options: LaunchOptions): Promise<ProcessEnd> {
  const [command, ...args] = options.argv;
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) {
    const [error] = (await once(child, "error")) as [NodeJS.ErrnoException];
    return { kind: "not_started", errorCode: error.code ?? "unknown", command };
  }
  child.stdout.on("data", (chunk: Uint8Array) => options.onOutput("stdout", chunk));
  child.stderr.on("data", (chunk: Uint8Array) => options.onOutput("stderr", chunk));
  const closed = once(child, "close");
  const exited = exitOf(child);
  options.onRunning();
  options.onGroup?.(pid);

  const stop = stopOnAbort(pid, options);
  const end = await exited;
  options.onExit?.();
  stop.dispose();
  await endGroup(pid, options.killGraceMs);
  if (options.signal.aborted) killByToken(new Set([options.token]));
  await drained(child, closed, options);
  return end;
}

function stopOnAbort(pid: number, { signal, killGraceMs }: LaunchOptions): { dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    signalGroup(pid, "SIGTERM");
    timer = setTimeout(() => signalGroup(pid, "SIGKILL"), killGraceMs);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  return {
    dispose() {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}

/** Waits for a process's exit, which may come before its output is read to the end. */
export function exitOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once("exit", (exitCode, signal) =>
      resolve({ kind: "exited", exitCode: exitCode ?? undefined, signal: signal ?? undefined }),
    );
  });
}

/** A descendant in another session may hold the pipes open; it is not waited for without end. */
async function drained(
  child: ChildProcess,
  closed: Promise<unknown>,
  { killGraceMs, token }: LaunchOptions,
): Promise<void> {
  if (await within(closed, killGraceMs)) return;
  killByToken(new Set([token]));
  child.stdout?.destroy();
  child.stderr?.destroy();
}
