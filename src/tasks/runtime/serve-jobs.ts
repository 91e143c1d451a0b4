import {
  isWorkerRequest,
  type WorkerDone,
  type WorkerJob,
  type WorkerReady,
} from "../../shared/worker-protocol.ts";
import { runJob } from "./run-job.ts";

const SIGTERM_EXIT = 143;

/**
 * Does jobs that come over the IPC channel, one at a time, until the channel closes. Each job gets
 * its own environment and working directory and leaves nothing of them behind.
 */
export function serveJobs(): void {
  const home = process.cwd();
  // Jobs run with another process.exit, which ends only the job.
  const exit = process.exit.bind(process);
  let current: { readonly id: string; readonly abort: AbortController } | undefined;
  process.on("disconnect", () => exit(0));
  // Comes only after an abort was not heeded.
  process.on("SIGTERM", () => exit(SIGTERM_EXIT));
  process.on("message", (message: unknown) => {
    if (!isWorkerRequest(message)) return;
    if (message.type === "abort") {
      if (current?.id === message.id) current.abort.abort();
      return;
    }
    const abort = new AbortController();
    current = { id: message.id, abort };
    void doJob(message, abort.signal, home).then((done) => {
      current = undefined;
      process.send?.(done);
    });
  });
  process.send?.({ type: "ready" } satisfies WorkerReady);
}

async function doJob(job: WorkerJob, signal: AbortSignal, home: string): Promise<WorkerDone> {
  const restoreEnvironment = replaceEnvironment(job.env);
  process.chdir(job.cwd);
  // Idle but for the channel means that the job waits for something that never comes.
  process.channel?.unref();
  try {
    const { exitCode, escaped } = await runJob({ argv: job.argv, env: job.env, signal });
    return await finish(job, exitCode, escaped);
  } finally {
    process.channel?.ref();
    process.chdir(home);
    restoreEnvironment();
  }
}

async function finish(job: WorkerJob, exitCode: number, retire: boolean): Promise<WorkerDone> {
  const streams = [process.stdout, process.stderr];
  await Promise.all(
    streams.map((stream) => new Promise<void>((done) => stream.write(job.marker, () => done()))),
  );
  const rssBytes = process.memoryUsage.rss();
  return { type: "done", id: job.id, exitCode, retire, rssBytes };
}

function replaceEnvironment(env: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  const replace = (by: Readonly<Record<string, string | undefined>>) => {
    for (const name of Object.keys(process.env)) {
      if (!Object.hasOwn(by, name)) delete process.env[name];
    }
    Object.assign(process.env, by);
  };
  replace(env);
  return () => replace(before);
}
