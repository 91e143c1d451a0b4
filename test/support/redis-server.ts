import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { unusedPort } from "./unused-port.ts";

/** Whether there is a Redis to test with. */
export const hasRedis: boolean = spawnSync("redis-server", ["--version"]).status === 0;

if (!hasRedis) {
  process.stderr.write(
    "SKIPPED: tests of shared rate limits need redis-server (Debian: apt-get install redis-server).\n",
  );
}

/** A real Redis that keeps nothing, on a free port of this machine; gone with the test. */
export class RedisServer {
  readonly #folder: string;
  readonly #port: number;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, args: readonly string[]) {
    this.#folder = folder;
    this.#port = port;
    this.#args = args;
  }

  /** @param args - more of its options, as its command line has them */
  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), "flyte-webhook-redis-"));
    const server = new RedisServer(folder, await unusedPort(), args);
    onTestFinished(async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    });
    await server.restart();
    return server;
  }

  get port(): number {
    return this.#port;
  }

  /** Starts it, on the same port as before, with nothing in it; resolves when it answers. */
  async restart(): Promise<void> {
    const process = spawn(
      "redis-server",
      [
        ...["--port", String(this.#port), "--bind", "127.0.0.1", "--dir", this.#folder],
        ...["--save", "", "--appendonly", "no", "--daemonize", "no", ...this.#args],
      ],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    this.#process = process;
    let said = "";
    for await (const chunk of process.stdout.setEncoding("utf8")) {
      said += String(chunk);
      if (said.includes("Ready to accept connections")) break;
    }
    if (process.exitCode !== null) throw new Error(`redis-server did not start:\n${said}`);
  }

  /** Ends it at once, with all connections. */
  async kill(): Promise<void> {
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const ended = once(process, "exit");
    process.kill("SIGKILL");
    await ended;
  }

  /** Keeps it from answering, with its connections open, until it is let go on. */
  hang(): void {
    this.#process?.kill("SIGSTOP");
  }

  /** @see hang */
  goOn(): void {
    this.#process?.kill("SIGCONT");
  }

  /** Everything in it, as text: names and values of all keys. */
  async contents(): Promise<string> {
    const socket = createConnection(this.#port, "127.0.0.1");
    const dump =
      "local all = '' for _, key in ipairs(redis.call('KEYS', '*')) do all = all .. key .. '=' .. redis.call('GET', key) .. ' ' end return all";
    socket.end(`EVAL "${dump}" 0\r\nQUIT\r\n`);
    let said = "";
    for await (const chunk of socket.setEncoding("utf8")) said += String(chunk);
    return said;
  }
}
