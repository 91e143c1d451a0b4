import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { generatorCore, prefixFor, serverCore } from "./pin.ts";

export interface Usage {
  /** CPU time used so far by all threads, in microseconds. */
  readonly cpu: NodeJS.CpuUsage;
  readonly memoryBytes: number;
  /** Where the server tells it. */
  readonly heapBytes?: number;
}

export interface ChildOptions {
  readonly args?: readonly string[];
  /** Whether it is measured and so has a core of its own, or only answers what is measured. */
  readonly role: "measured" | "upstream";
}

/** A server in a process of its own, so that what it costs can be told apart. */
export class Child implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, { port }: AddressInfo) {
    this.#process = child;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(file: URL, { args = [], role }: ChildOptions): Promise<Child> {
    const folder = process.env["BENCH_PROFILE"];
    const node =
      folder !== undefined && role === "measured"
        ? ["--cpu-prof", `--cpu-prof-dir=${join(folder, basename(file.pathname))}`]
        : [];
    const core = role === "measured" ? serverCore : generatorCore;
    const [program = process.execPath, ...first] = [...prefixFor(core), process.execPath];
    const child = fork(file, args, {
      execPath: program,
      execArgv: [...first, ...node],
    });
    const [message] = (await Promise.race([once(child, "message"), failed(child, file)])) as [
      { ready: AddressInfo },
    ];
    return new Child(child, message.ready);
  }

  /** @param asked - `heap` collects garbage first, where the server can */
  async usage(asked: "usage" | "heap" = "usage"): Promise<Usage> {
    const answered = once(this.#process, "message");
    this.#process.send(asked);
    const [usage] = (await answered) as [Usage];
    return usage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#process, "exit");
    // It ends by itself then, and can write its profile.
    this.#process.disconnect();
    await exited;
  }
}

async function failed(child: ChildProcess, file: URL): Promise<never> {
  const [code] = (await once(child, "exit")) as [number | null];
  throw new Error(`${file.pathname} ended with ${code} before it was ready.`);
}
