import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface Usage {
  /** CPU time used so far, in microseconds. */
  readonly cpu: NodeJS.CpuUsage;
  readonly memory: number;
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

  static async start(file: string, args: readonly string[] = []): Promise<Child> {
    const child = fork(new URL(file, import.meta.url), args, {
      execArgv: ["--import", import.meta.resolve("tsx")],
    });
    const [message] = (await once(child, "message")) as [{ ready: AddressInfo }];
    return new Child(child, message.ready);
  }

  async usage(): Promise<Usage> {
    const answered = once(this.#process, "message");
    this.#process.send("usage");
    const [usage] = (await answered) as [Usage];
    return usage;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#process, "exit");
    this.#process.kill();
    await exited;
  }
}
