import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { becomeAppProcess } from "../../shared/app-process.ts";
import { FlyteError } from "../../shared/errors.ts";
import { packageFile, runsFromSource } from "../../shared/package-files.ts";
import type { RunningServer } from "../environment/app-server.ts";
import { decodeParameters } from "../parameters/parameter-transport.ts";
import { resolveParameters } from "../parameters/resolve-parameters.ts";
import { type AppArguments, parseAppArguments } from "./app-arguments.ts";
import { fetchCode } from "./fetch-code.ts";
import { loadApp } from "./load-app.ts";
import { runCommand } from "./run-command.ts";
import { unpackCode } from "./unpack-code.ts";
import { writePackage } from "./write-package.ts";

/** How long running requests may take once the app is stopped; a cluster waits half a minute. */
const graceMs = 27_000;
/** Below which this package's code is. */
const ownFiles = packageFile(runsFromSource ? "src/" : "dist/");
const exitCodes = {
  stopped: 0,
  failed: 1,
  usage: 2,
  stoppedWhileStarting: 143,
  stoppedAgain: 143,
} as const;

/** Runs the app of a command line until SIGTERM, and ends the process. */
export async function runApp(argv: readonly string[]): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(exitCodes.stoppedAgain);
      stop.abort();
    });
  }
  // A process that is the first of its container is not ended by a signal it only listens to.
  stop.signal.addEventListener("abort", endStarting);
  try {
    const args = parseAppArguments(argv, process.env);
    if (args.exec !== undefined) {
      const folder = await prepare(args);
      await readParameters(args, folder);
      stop.signal.removeEventListener("abort", endStarting);
      const env = { ...process.env, PORT: String(args.port) };
      process.exit(await runCommand({ name: args.name, words: args.exec, env }));
    }
    const running = await start(args, stop.signal);
    stop.signal.removeEventListener("abort", endStarting);
    await untilStopped(stop.signal, running);
    await running.stop(graceMs);
    process.exit(exitCodes.stopped);
  } catch (error) {
    report(error);
    const isUsage = FlyteError.is(error) && error.code === "invalid_config";
    process.exit(isUsage ? exitCodes.usage : exitCodes.failed);
  }
}

function endStarting(): void {
  process.exit(exitCodes.stoppedWhileStarting);
}

async function start(args: AppArguments, signal: AbortSignal): Promise<RunningServer> {
  const { name, host, port } = args;
  const folder = await prepare(args);
  await writePackage(folder);
  const self = becomeAppProcess();
  self.app = { name, endpoint: `http://127.0.0.1:${port}` };
  const parameters = await readParameters(args, folder);
  const { server } = await loadApp(folder, name, self);
  const env = { ...process.env };
  const running = await server({ name, host, port, env, parameters, signal });
  note(`The app "${name}" listens on ${host}:${running.port}.`);
  return running;
}

/** Unpacks the bundle into a folder, which goes with the process and is where it works from now on. */
async function prepare({ tgz }: AppArguments): Promise<string> {
  const bytes = await fetchCode(tgz);
  const folder = await makeFolder();
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await unpackCode(bytes, folder);
  process.chdir(folder); // Where the included files are.
  return folder;
}

/** The process is the app's own, so their variables are those of the process. */
async function readParameters(
  { name, parameters }: AppArguments,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  if (parameters === undefined) return {};
  const { values, env } = await resolveParameters(decodeParameters(parameters), {
    app: name,
    folder,
  });
  Object.assign(process.env, env);
  return values;
}

/** In the working folder, which is the app's own, or else among the temporary ones. */
async function makeFolder(): Promise<string> {
  return mkdtemp(resolve("flyte-app-")).catch(() => mkdtemp(join(tmpdir(), "flyte-app-")));
}

/** @throws the reason when the app ends by itself */
async function untilStopped(stop: AbortSignal, { ended }: RunningServer): Promise<void> {
  const signals = ended === undefined ? [stop] : [stop, ended];
  const any = AbortSignal.any(signals);
  if (!any.aborted) {
    await new Promise<unknown>((done) => any.addEventListener("abort", done, { once: true }));
  }
  if (!stop.aborted) throw ended?.reason;
}

/** The last line is what a person reads first: control planes show it as the reason. */
function report(error: unknown): void {
  const cause = FlyteError.is(error) && error.code === "app_failed" ? error.cause : error;
  if (cause instanceof Error && !FlyteError.is(cause)) note(stackOf(cause));
  note(error instanceof Error ? error.message : String(error));
}

/** Where in the app it happened; the lines of this package say nothing about that. */
function stackOf({ stack, message }: Error): string {
  if (stack === undefined) return message;
  const isOwn = (line: string): boolean => /^\s+at /.test(line) && line.includes(ownFiles);
  const lines = stack.split("\n").filter((line) => !isOwn(line));
  return lines.join("\n");
}

function note(text: string): void {
  process.stderr.write(`flyte-app: ${text}\n`);
}
