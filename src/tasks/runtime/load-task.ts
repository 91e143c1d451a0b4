import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { becomeAppProcess } from "../../shared/app-process.ts";
import type { Task } from "../define-task.ts";
import { findTasks } from "../find-tasks.ts";
import { NonRecoverableError } from "../task-errors.ts";
import { toPath } from "./task-files.ts";

/**
 * Loads a task from its bundle. A bundle is evaluated once per process, however often it is used.
 *
 * @throws NonRecoverableError when the bundle does not hold the task.
 */
export async function loadTask(bundle: string, name: string): Promise<Task> {
  const path = await asModule(toPath(bundle));
  becomeAppProcess(); // The file may serve apps as well, but not here.
  const exported: unknown = await import(pathToFileURL(path).href);
  const task = findTasks(exported as object, basename(path)).get(name);
  if (task !== undefined) return task;
  throw new NonRecoverableError(
    `The bundle has no task ${JSON.stringify(name)}; deploy the task again.`,
    { code: "TaskNotFound" },
  );
}

/** Node tells ES modules by their name, and a store may have kept the bundle under another. */
async function asModule(path: string): Promise<string> {
  if (path.endsWith(".mjs")) return path;
  const code = await readFile(path);
  const dir = join(tmpdir(), `flyte-task-bundles-${process.pid}`);
  const copy = join(dir, `${createHash("sha256").update(code).digest("hex")}.mjs`);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeFile(`${copy}.new`, code);
  await rename(`${copy}.new`, copy);
  return copy;
}
