import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { FlyteError } from "../../shared/errors.ts";
import { quoteShellWord } from "../../shared/quote-shell-word.ts";
import { signalGroup } from "../../shared/signal-process.ts";
import { within } from "../../shared/within.ts";
import type { RunningServer } from "../environment/app-server.ts";

/** An app that runs here, in this process or in one of its own. */
export interface RunningApp extends RunningServer {
  /** Aborts, with the reason, when it ends without having been stopped. */
  readonly ended: AbortSignal;
  /** Ends it at once, when this process ends. */
  kill(): void;
}

export interface ChildOptions {
  readonly app: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  /** Values that must not be shown. */
  readonly secrets: readonly string[];
  readonly onOutput: (chunk: Uint8Array) => void;
}

/** How much of its last output is told when it ends, in characters. */
const tailLength = 2000;
/** Longest wait for the last output of a process that has ended, in milliseconds. */
const drainMs = 500;

/**
 * Starts a command as the leader of a process group of its own, without a shell.
 *
 * @throws FlyteError `invalid_config` when there is no such program
 */
export async function startChild(options: ChildOptions): Promise<RunningApp> {
  const [program = "", ...args] = options.argv;
  const child = spawn(program, args, {
    env: options.env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) {
    const [error] = (await once(child, "error")) as [NodeJS.ErrnoException];
    throw notStarted(options, error);
  }
  const tail = followOutput(child, options);
  const ended = new AbortController();
  let stopping = false;
  child.on("error", () => undefined); // a signal that came too late
  const closed = new Promise((resolve) => child.once("close", resolve));
  const exited = exitOf(child).then(async (end) => {
    signalGroup(pid, "SIGKILL"); // what it has left behind
    await within(closed, drainMs);
    child.stdout.destroy();
    child.stderr.destroy();
    if (!stopping) ended.abort(endedEarly(options, end, tail()));
  });
  return {
    port: options.port,
    ended: ended.signal,
    kill: () => {
      if (isRunning(child)) signalGroup(pid, "SIGKILL");
    },
    async stop(graceMs) {
      stopping = true;
      if (isRunning(child)) signalGroup(pid, "SIGTERM");
      const timer = setTimeout(() => signalGroup(pid, "SIGKILL"), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Its exit code, or the name of the signal that ended it. */
function exitOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
}

/** Hands its output on and keeps the end of it. */
function followOutput(child: ChildProcess, { onOutput }: ChildOptions): () => string {
  let tail = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Uint8Array) => {
      tail = (tail + Buffer.from(chunk).toString()).slice(-4 * tailLength);
      onOutput(chunk);
    });
  }
  return () => tail;
}

/** Hides the values of secrets. */
function mask(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) masked = masked.replaceAll(secret, "***");
  return masked;
}

function notStarted(
  { app, argv, secrets }: ChildOptions,
  error: NodeJS.ErrnoException,
): FlyteError {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "there is no such program",
    EACCES: "it is not executable",
  };
  const reason = reasons[error.code ?? ""] ?? error.code ?? "unknown error";
  return new FlyteError(
    "invalid_config",
    `The command ${quoteShellWord(mask(argv[0] ?? "", secrets))} of the app "${app}" cannot be started: ${reason}. Correct command or args.`,
    { cause: error },
  );
}

function endedEarly(
  { app, secrets }: ChildOptions,
  end: number | string,
  output: string,
): FlyteError {
  const how = typeof end === "number" ? `exit code ${end}` : `signal ${end}`;
  const tail = mask(output, secrets).slice(-tailLength).trim();
  return new FlyteError(
    "app_failed",
    `The app "${app}" ended with ${how}${tail === "" ? " and wrote nothing." : `. It wrote last:\n${tail}`}`,
  );
}
