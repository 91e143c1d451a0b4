import { randomUUID } from "node:crypto";
import { TOKEN_VARIABLE } from "./environment.ts";
import type { RunningProcesses } from "./leftovers.ts";
import type { ProcessEnd } from "./outcome.ts";
import type { LaunchOptions } from "./process.ts";
import { WarmWorker } from "./warm-worker.ts";

export interface WorkerPoolOptions {
  /** Command and arguments that start a worker when `--worker` is added. */
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly running: RunningProcesses;
  /** How long output may come after the answer, in milliseconds. */
  readonly lateOutputMs: number;
  /** Workers kept while idle. */
  readonly maxWorkers: number;
  /**
   * Workers at most. The ones above `maxWorkers` are started only while no job has begun for
   * `stuckAfterMs`, so that long jobs, or jobs that wait for other jobs, do not block the rest.
   *
   * @default 16 times maxWorkers
   */
  readonly maxOverflowWorkers?: number;
  /** @default 250 */
  readonly stuckAfterMs?: number;
  /** A worker is replaced after that many jobs. @default 1000 */
  readonly maxJobsPerWorker?: number;
  /** A worker is replaced when it uses more memory than that. @default 512 MiB */
  readonly maxWorkerBytes?: number;
}

interface Waiting {
  readonly options: LaunchOptions;
  readonly resolve: (end: ProcessEnd) => void;
}

/** Child processes that stay warm between jobs; one job at a time in each, the rest waits. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #idle: WarmWorker[] = [];
  readonly #all = new Set<WarmWorker>();
  readonly #waiting: Waiting[] = [];
  readonly #leaving = new Set<Promise<void>>();
  #stuck: NodeJS.Timeout | undefined;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Does a job as soon as a worker is free. An aborted job leaves the queue. */
  run(options: LaunchOptions): Promise<ProcessEnd> {
    return new Promise((resolve) => {
      const waiting = { options, resolve };
      const leave = () => {
        const at = this.#waiting.indexOf(waiting);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        resolve({ kind: "exited", exitCode: undefined, signal: "SIGTERM" });
      };
      options.signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(waiting);
      this.#next();
    });
  }

  /** Starts workers ahead of the first job. */
  warmUp(count: number): void {
    while (this.#all.size < Math.min(count, this.#options.maxWorkers)) {
      this.#idle.push(this.#start());
    }
  }

  /** Ends all workers. Jobs must have been aborted before. */
  async close(killGraceMs: number): Promise<void> {
    clearTimeout(this.#stuck);
    await Promise.all([...this.#all].map((worker) => this.#retire(worker, killGraceMs)));
    await Promise.all(this.#leaving);
  }

  #next(): void {
    while (this.#waiting.length > 0) {
      const worker = this.#free();
      if (worker === undefined) break;
      const waiting = this.#waiting.shift();
      if (waiting !== undefined) void this.#do(worker, waiting);
    }
    if (this.#waiting.length === 0) {
      clearTimeout(this.#stuck);
      this.#stuck = undefined;
    } else this.#stuck ??= this.#watch();
  }

  /** The worker used last is the warmest. */
  #free(): WarmWorker | undefined {
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      if (worker.usable) return worker;
    }
    return this.#all.size < this.#options.maxWorkers ? this.#start() : undefined;
  }

  #watch(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#stuck = undefined;
      const most = this.#options.maxOverflowWorkers ?? 16 * this.#options.maxWorkers;
      // Workers that are still starting will take jobs soon; more of them would only slow that.
      const settled = [...this.#all].every((worker) => worker.ready);
      if (settled && this.#all.size < most) this.#idle.push(this.#start());
      this.#next();
    }, this.#options.stuckAfterMs ?? 250);
  }

  #start(): WarmWorker {
    const { argv, env, cwd, running, lateOutputMs } = this.#options;
    const token = randomUUID();
    running.add(token);
    const own = { ...env, [TOKEN_VARIABLE]: token };
    const worker = new WarmWorker({ argv, env: own, cwd, lateOutputMs });
    this.#all.add(worker);
    void worker.exit.then(() => {
      running.remove(token);
      this.#all.delete(worker);
      const at = this.#idle.indexOf(worker);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return worker;
  }

  async #do(worker: WarmWorker, { options, resolve }: Waiting): Promise<void> {
    clearTimeout(this.#stuck);
    this.#stuck = undefined;
    const end = await worker.run(options);
    if (this.#isSpent(worker)) {
      const leaving = this.#retire(worker, options.killGraceMs);
      this.#leaving.add(leaving);
      void leaving.then(() => this.#leaving.delete(leaving));
    } else this.#idle.push(worker);
    resolve(end);
    this.#next();
  }

  #isSpent(worker: WarmWorker): boolean {
    const { maxJobsPerWorker = 1000, maxWorkerBytes = 512 * 1024 * 1024 } = this.#options;
    return (
      !worker.usable ||
      worker.jobs >= maxJobsPerWorker ||
      worker.rssBytes > maxWorkerBytes ||
      this.#all.size > this.#options.maxWorkers
    );
  }

  async #retire(worker: WarmWorker, killGraceMs: number): Promise<void> {
    this.#all.delete(worker);
    await worker.close(killGraceMs);
  }
}
