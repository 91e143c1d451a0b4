import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

/** What the command's `--ready-file` holds. */
export interface ReadyFile {
  readonly webhook: string;
  readonly controlPlane: string;
  readonly console: string;
  readonly gateway: string | null;
  readonly keys: Readonly<Record<string, string>>;
}

const root = resolve(import.meta.dirname, "../..");

/** How to run the command from the sources. */
export const fromSource: readonly string[] = [
  process.execPath,
  "--import",
  import.meta.resolve("tsx"),
  join(root, "src/cli.ts"),
];

/** A running `flyte-webhook` server, as a process of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly ready: ReadyFile;
  readonly process: ChildProcess;
  readonly #output: string[];
  readonly #folder: string;

  private constructor(ready: ReadyFile, child: ChildProcess, output: string[], folder: string) {
    this.ready = ready;
    this.process = child;
    this.#output = output;
    this.#folder = folder;
  }

  /**
   * Starts the command and waits until it has written its ready file.
   *
   * @throws Error with all it wrote when it ends before that
   */
  static async start(
    args: readonly string[],
    options: { readonly command?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
  ): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-test-"));
    const readyFile = join(folder, "ready.json");
    const [program = "", ...first] = options.command ?? fromSource;
    const child = spawn(program, [...first, ...args, "--ready-file", readyFile, "--json"], {
      cwd: folder,
      env: { ...process.env, HOME: folder, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: string[] = [];
    child.stderr?.setEncoding("utf8").on("data", (text: string) => output.push(text));
    // With --json the ready document is the one line on standard output, written after the file.
    const ready = await new Promise<boolean>((resolve) => {
      createInterface({ input: child.stdout ?? process.stdin }).once("line", () => resolve(true));
      child.once("exit", () => resolve(false));
    });
    if (!ready) {
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
      throw new Error(`${args[0]} ended with ${child.exitCode}:\n${output.join("")}`);
    }
    const document = JSON.parse(await readFile(readyFile, "utf8")) as ReadyFile;
    return new ServerProcess(document, child, output, folder);
  }

  /** All it has written to standard error so far. */
  get stderr(): string {
    return this.#output.join("");
  }

  /** Sends a signal and waits for the end; resolves with the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, "exit");
      this.process.kill(signal);
      await exited;
    }
    return this.process.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
