import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { signalGroup } from "../../shared/signal-process.ts";
import { within } from "../../shared/within.ts";
import {
  isWorkerDone,
  isWorkerReady,
  type WorkerDone,
  type WorkerRequest,
} from "../../shared/worker-protocol.ts";
import type { AttemptLine } from "./executor.ts";
import { hasChildWithToken, killByToken } from "./kill.ts";
import { createMarkerScanner, type MarkerScanner } from "./marker-scanner.ts";
import type { ProcessEnd } from "./outcome.ts";
import { exitOf, type LaunchOptions } from "./process.ts";

export interface WarmWorkerOptions {
  /** Command and arguments of the launcher; `--worker` is added. */
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** How long output may come after the answer, in milliseconds. */
  readonly lateOutputMs: number;
}

type Streams = Record<AttemptLine["stream"], MarkerScanner>;

/**
 * A child process that does one job after the other. It is the leader of its own process group,
 * does not keep this process alive while idle, and ends when this process does.
 */
export class WarmWorker {
  readonly #child: ChildProcess;
  readonly #command: string;
  readonly #exit: Promise<ProcessEnd>;
  readonly #lateOutputMs: number;
  #streams: Streams | undefined;
  #jobs = 0;
  #rssBytes = 0;
  #usable = true;
  #ready = false;

  constructor({ argv: [command, ...args], env, cwd, lateOutputMs }: WarmWorkerOptions) {
    this.#command = command;
    this.#lateOutputMs = lateOutputMs;
    this.#child = spawn(command, [...args, "--worker"], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#exit = this.#child.pid === undefined ? this.#failedStart() : exitOf(this.#child);
    void this.#exit.then(() => {
      this.#usable = false;
    });
    this.#child.once("message", (message) => {
      this.#ready = isWorkerReady(message);
    });
    // Sending to a worker that died meanwhile shows up as its exit.
    this.#child.on("error", () => undefined);
    for (const stream of ["stdout", "stderr"] as const) {
      this.#child[stream]?.on("data", (chunk: Uint8Array) => {
        this.#streams?.[stream].push(chunk);
      });
    }
    this.#hold(false);
  }

  /** Whether it can take another job. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Whether it has started up. */
  get ready(): boolean {
    return this.#ready;
  }

  get jobs(): number {
    return this.#jobs;
  }

  /** Memory after the last job, in bytes. */
  get rssBytes(): number {
    return this.#rssBytes;
  }

  /** Settles when the process is gone. */
  get exit(): Promise<ProcessEnd> {
    return this.#exit;
  }

  /** Does a job. The end is that of the job, or of the worker when it died in it. */
  async run(options: LaunchOptions): Promise<ProcessEnd> {
    this.#jobs++;
    this.#hold(true);
    const id = randomUUID();
    // NUL and 128 random bits: nothing a task prints by chance.
    const marker = `\0${randomUUID()}\0`;
    const markers = this.#listen(marker, options.onOutput);
    const stop = this.#stopOnAbort(id, options);
    const done = this.#done(id);
    const [, ...argv] = options.argv;
    this.#send({ type: "job", id, argv, env: options.env, cwd: options.cwd, marker });
    options.onRunning();
    try {
      const first = await Promise.race([done, this.#exit]);
      stop.dispose();
      if ("kind" in first) return await this.#died(first);
      this.#rssBytes = first.rssBytes;
      if (first.retire || !(await within(markers, this.#lateOutputMs))) this.#usable = false;
      await this.#endJob(options);
      return { kind: "exited", exitCode: first.exitCode, signal: undefined };
    } finally {
      this.#streams?.stdout.flush();
      this.#streams?.stderr.flush();
      this.#streams = undefined;
      this.#hold(false);
    }
  }

  /** Ends the worker; with SIGKILL when it has not gone after the grace time. */
  async close(killGraceMs: number): Promise<void> {
    this.#usable = false;
    if (this.#child.pid === undefined) return;
    if (this.#child.connected) this.#child.disconnect();
    if (await within(this.#exit, killGraceMs)) {
      signalGroup(this.#child.pid, "SIGKILL");
      return;
    }
    signalGroup(this.#child.pid, "SIGKILL");
    await this.#exit;
  }

  async #failedStart(): Promise<ProcessEnd> {
    const [error] = (await once(this.#child, "error")) as [NodeJS.ErrnoException];
    return { kind: "not_started", errorCode: error.code ?? "unknown", command: this.#command };
  }

  async #died(end: ProcessEnd): Promise<ProcessEnd> {
    const { pid, stdout, stderr } = this.#child;
    if (pid === undefined) return end;
    signalGroup(pid, "SIGKILL");
    const ended = [stdout, stderr].map((stream) =>
      stream === null || stream.readableEnded || stream.destroyed
        ? undefined
        : once(stream, "close"),
    );
    await within(Promise.all(ended), this.#lateOutputMs);
    return end;
  }

  /** What the job has started and left running must not write into the next job's output. */
  async #endJob({ token, signal }: LaunchOptions): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    if (signal.aborted || (await hasChildWithToken(pid, token))) killByToken(new Set([token]));
  }

  /** Settles when the marker was read from both streams. */
  #listen(marker: string, onOutput: LaunchOptions["onOutput"]): Promise<void> {
    return new Promise((resolve) => {
      let missing = 2;
      const onMarker = () => {
        missing--;
        if (missing === 0) resolve();
      };
      const scan = (stream: AttemptLine["stream"]) =>
        createMarkerScanner({ marker, onMarker, onBytes: (bytes) => onOutput(stream, bytes) });
      this.#streams = { stdout: scan("stdout"), stderr: scan("stderr") };
    });
  }

  #done(id: string): Promise<WorkerDone> {
    return new Promise((resolve) => {
      const onMessage = (message: unknown) => {
        if (!isWorkerDone(message) || message.id !== id) return;
        this.#child.off("message", onMessage);
        resolve(message);
      };
      this.#child.on("message", onMessage);
      void this.#exit.then(() => this.#child.off("message", onMessage));
    });
  }

  #stopOnAbort(id: string, { signal, killGraceMs }: LaunchOptions): { dispose(): void } {
    const timers: NodeJS.Timeout[] = [];
    const kill = (name: NodeJS.Signals) => {
      this.#usable = false;
      if (this.#child.pid !== undefined) signalGroup(this.#child.pid, name);
    };
    const stop = () => {
      this.#send({ type: "abort", id });
      timers.push(setTimeout(kill, killGraceMs / 2, "SIGTERM"));
      timers.push(setTimeout(kill, killGraceMs, "SIGKILL"));
    };
    if (signal.aborted) queueMicrotask(stop);
    else signal.addEventListener("abort", stop, { once: true });
    return {
      dispose() {
        for (const timer of timers) clearTimeout(timer);
        signal.removeEventListener("abort", stop);
      },
    };
  }

  #send(request: WorkerRequest): void {
    if (this.#child.connected) this.#child.send(request, () => undefined);
  }

  /** Whether the worker keeps this process alive. */
  #hold(held: boolean): void {
    const child = this.#child;
    const verb = held ? "ref" : "unref";
    child[verb]();
    child.channel?.[verb]();
    // With "pipe" both streams are sockets.
    (child.stdout as Socket | null)?.[verb]();
    (child.stderr as Socket | null)?.[verb]();
  }
}
