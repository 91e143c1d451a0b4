#!/usr/bin/env node
import { runJob } from "./run-job.ts";
import { serveJobs } from "./serve-jobs.ts";

// Positions in errors are those of the task's source, not of its bundle.
process.setSourceMapsEnabled(true);

const argv = process.argv.slice(2);
if (argv.includes("--worker")) serveJobs();
else void runOnce(argv);

/** Runs one attempt and ends the process, whatever the task has left running in it. */
async function runOnce(argv: readonly string[]): Promise<void> {
  const abort = new AbortController();
  process.on("SIGTERM", () => abort.abort());
  const { exitCode } = await runJob({ argv, env: process.env, signal: abort.signal });
  const streams = [process.stdout, process.stderr];
  await Promise.all(
    streams.map((stream) => new Promise<void>((done) => stream.write("", () => done()))),
  );
  process.exit(exitCode);
}
