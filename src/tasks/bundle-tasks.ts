import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FlyteError } from "../shared/errors.ts";
import type { Task } from "./define-task.ts";
import { findTasks } from "./find-tasks.ts";

/** One ES module that holds tasks and everything they need but Node itself. */
export interface TaskBundle {
  /** Contents of the module, to be stored under a name ending in `.mjs`. */
  readonly code: Uint8Array;
  /** Tells the contents: equal code has an equal version. */
  readonly version: string;
  /** The exported tasks, by name. */
  readonly tasks: readonly Task[];
}

export interface BundleTasksOptions {
  /** The file that `flyte-webhook/tasks` stands for. @default the entry of this layer */
  readonly tasksEntry?: string;
  /** The file that `flyte-webhook` stands for. @default what is installed beside the file */
  readonly packageEntry?: string;
}

/**
 * Bundles the file that exports tasks, loads the result and lists its tasks.
 *
 * @throws FlyteError `invalid_config` when the file cannot be built or loaded, exports no task or
 *   two tasks of one name.
 */
export async function bundleTasks(
  file: string,
  { tasksEntry = besideThisFile(), packageEntry }: BundleTasksOptions = {},
): Promise<TaskBundle> {
  const path = resolve(file);
  const code = await build(path, {
    "flyte-webhook/tasks": tasksEntry,
    ...(packageEntry !== undefined && { "flyte-webhook": packageEntry }),
  });
  const version = `ts-${createHash("sha256").update(withoutPaths(code)).digest("hex").slice(0, 32)}`;
  return { code, version, tasks: await load(path, code) };
}

async function build(path: string, alias: Readonly<Record<string, string>>): Promise<Uint8Array> {
  // Only who deploys pays for loading the bundler.
  const { build: bundle } = await import("esbuild");
  try {
    const { outputFiles } = await bundle({
      entryPoints: [path],
      absWorkingDir: dirname(path),
      outfile: join(dirname(path), "bundle.mjs"),
      bundle: true,
      write: false,
      format: "esm",
      platform: "node",
      target: "node20",
      sourcemap: "inline",
      charset: "utf8",
      logLevel: "silent",
      alias: { ...alias },
      external: ["esbuild"], // It is for those who deploy.
      // CommonJS packages inside the bundle still call require for Node's own modules.
      banner: {
        js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
      },
    });
    return outputFiles[0]?.contents ?? new Uint8Array();
  } catch (error) {
    const message = `Cannot bundle ${basename(path)}: ${describeBuildFailure(error)}`;
    throw new FlyteError("invalid_config", message, { cause: error });
  }
}

function besideThisFile(): string {
  return fileURLToPath(new URL(`./index${extname(import.meta.url)}`, import.meta.url));
}

interface BuildMessage {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number } | null;
}

function describeBuildFailure(error: unknown): string {
  const messages = (error as { readonly errors?: readonly BuildMessage[] }).errors ?? [];
  if (messages.length === 0) return String(error);
  return messages
    .map(({ text, location }) =>
      location === null ? text : `${location.file}:${location.line}: ${text}`,
    )
    .join("; ");
}

/** Comments that name source files and the source map differ between machines, not in meaning. */
function withoutPaths(code: Uint8Array): string {
  return Buffer.from(code)
    .toString()
    .replace(/^\/\/[ #].*$/gm, "");
}

async function load(path: string, code: Uint8Array): Promise<readonly Task[]> {
  const dir = await mkdtemp(join(tmpdir(), "flyte-webhook-bundle-"));
  try {
    const bundle = join(dir, "bundle.mjs");
    await writeFile(bundle, code);
    const exported: unknown = await import(pathToFileURL(bundle).href);
    const tasks = findTasks(exported as object, basename(path));
    if (tasks.size > 0) return [...tasks.values()];
  } catch (error) {
    if (FlyteError.is(error) && error.code === "invalid_config") throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Cannot load ${basename(path)}: ${reason}`;
    throw new FlyteError("invalid_config", message, { cause: error });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  throw new FlyteError(
    "invalid_config",
    `${basename(path)} exports no task; export what defineTask returns.`,
  );
}
