import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { bearerAuthenticator } from "../client/auth/bearer.ts";
import type { ControlPlane } from "../client/control-plane.ts";
import { createControlPlane } from "../client/create-control-plane.ts";
import { deployTask } from "../client/deploy-task.ts";
import { findKnownTask } from "../client/task-details.ts";
import { upload } from "../client/upload.ts";
import type { Devbox } from "../devbox/start-devbox.ts";
import type { TaskSpec } from "../idl/tasks.ts";
import { FlyteError } from "../shared/errors.ts";
import { packageFile, packageVersion, runsFromSource } from "../shared/package-files.ts";
import { bundleTasks } from "../tasks/bundle-tasks.ts";
import type { Task } from "../tasks/define-task.ts";
import { findTasks } from "../tasks/find-tasks.ts";
import { toTaskSpec } from "../tasks/task-spec.ts";

/** Where clients look for tasks of the platform. */
const project = "system";
const domain = "production";

/** What the tasks take from the environment of the command that deploys them. */
const passedOn = ["HF_ENDPOINT", "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"] as const;

/** Says in a registered task what it was made from. */
const digestKey = "flyte-webhook/digest";

/**
 * Registers the tasks that ship with the package on a devbox, in `system/production`, in the version of
 * the package. Those that are there, made from the same, are left as they are.
 *
 * @param env where the settings of the tasks come from
 */
export async function deploySystemTasks(
  { url, keys }: Pick<Devbox, "url" | "keys">,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<void> {
  const [key] = Object.values(keys);
  if (key === undefined) return;
  const authenticator = bearerAuthenticator(key);
  await using controlPlane = createControlPlane({ endpoint: url, project, domain, authenticator });
  const settings = Object.fromEntries(
    passedOn.flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  const { code, tasks } = await loadTasks();
  const version = packageVersion();
  const digest = createHash("sha256").update(code).update(JSON.stringify(settings)).digest("hex");
  for (const task of tasks) {
    if ((await findDigest(controlPlane, { name: task.name, version }, signal)) === digest) continue;
    const file = { filename: `system-tasks-${version}.mjs`, bytes: code };
    const bundleUri = await upload(controlPlane, file, undefined, { signal });
    const env = { ...settings, ...task.env };
    const where = { org: controlPlane.org, project, domain, version, bundleUri };
    const spec = toTaskSpec({ ...task, env }, { ...where, packageVersion: version });
    await deployTask(controlPlane, { spec: withDigest(spec, digest) }, { signal });
  }
}

interface Bundle {
  readonly code: Uint8Array;
  readonly tasks: readonly Task[];
}

/** As it was built with the package; the sources have to be bundled first. */
async function loadTasks(): Promise<Bundle> {
  if (runsFromSource) return bundleTasks(packageFile("src/system-tasks/index.ts"));
  const file = packageFile("dist/system-tasks/index.js");
  const exported: unknown = await import(pathToFileURL(file).href);
  const tasks = [...findTasks(exported as object, "system-tasks").values()];
  return { code: await readFile(file), tasks };
}

async function findDigest(
  controlPlane: ControlPlane,
  task: { readonly name: string; readonly version: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const details = await controlPlane.tasks.get(task, { signal });
    return findKnownTask(details)?.details.spec?.taskTemplate?.config[digestKey];
  } catch (error) {
    if (FlyteError.is(error) && error.code === "not_found") return undefined;
    throw error;
  }
}

function withDigest(spec: TaskSpec, digest: string): TaskSpec {
  if (spec.taskTemplate !== undefined) spec.taskTemplate.config[digestKey] = digest;
  return spec;
}
