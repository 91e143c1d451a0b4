import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** What a finished command left. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunCommandOptions {
  /** The program and its first arguments. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** Runs `flyte-webhook ARGS` until its end, apart from this user's own settings. */
export async function runCommand(
  args: readonly string[],
  { command, cwd, env, stdin = "" }: RunCommandOptions,
): Promise<CommandResult> {
  return runProgram([...command, ...args], { cwd, env: ownEnvironment(cwd, env) }, stdin);
}

/** Runs any program until its end. */
export async function runProgram(
  [program = "", ...args]: readonly string[],
  options: SpawnOptions,
  stdin = "",
): Promise<CommandResult> {
  const child = spawn(program, args, { ...options, stdio: "pipe" });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** The environment without what configures Flyte, and with `home` as the home folder. */
export function ownEnvironment(home: string, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:_?FLYTE|UCTL_|_U_|EAGER_|_UNION_)/.test(name),
  );
  return { ...Object.fromEntries(kept), HOME: home, ...env };
}

/** A command that runs on, read as it writes. */
export class RunningCommand implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #written = "";

  constructor(args: readonly string[], { command, cwd, env }: RunCommandOptions) {
    const [program = "", ...first] = command;
    this.#child = spawn(program, [...first, ...args], {
      cwd,
      env: ownEnvironment(cwd, env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.#written += chunk;
        this.#child.emit("written");
      });
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** All it has written, to either stream. */
  get written(): string {
    return this.#written;
  }

  /** Waits until it has written what matches. @throws Error when it ends before */
  async saw(pattern: RegExp): Promise<void> {
    let ended = false;
    void this.#ended.then(() => {
      ended = true;
      this.#child.emit("written");
    });
    while (!pattern.test(this.#written)) {
      if (ended) throw new Error(`It ended without ${pattern}:\n${this.#written}`);
      await once(this.#child, "written");
    }
  }

  /** Sends a signal, without waiting for what comes of it. */
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for its end; resolves with the exit code. */
  wait(): Promise<number | null> {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.#ended;
  }
}
