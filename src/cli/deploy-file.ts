import type { ControlPlane } from "../client/control-plane.ts";
import { deployTask } from "../client/deploy-task.ts";
import { upload } from "../client/upload.ts";
import { FlyteError } from "../shared/errors.ts";
import { entryFile, packageVersion } from "../shared/package-files.ts";
import { bundleTasks } from "../tasks/bundle-tasks.ts";
import { toTaskSpec } from "../tasks/task-spec.ts";
import { toTaskTriggers } from "../tasks/task-triggers.ts";

/** A task as it was registered. */
export interface DeployedTask {
  readonly name: string;
  readonly version: string;
  readonly project: string;
  readonly domain: string;
}

export interface DeployFileOptions {
  /** @default from the hash of the bundle */
  readonly version?: string;
  readonly image?: string;
  /** @default the domain of the control plane alone */
  readonly domains?: readonly string[];
  /** Bundles and lists, sends nothing. */
  readonly dryRun?: boolean;
}

/** Bundles a file, uploads the bundle and registers every task that the file exports. */
export async function deployFile(
  controlPlane: ControlPlane,
  file: string,
  options: DeployFileOptions,
): Promise<readonly DeployedTask[]> {
  const { org, project } = controlPlane;
  const domains =
    options.domains ?? (controlPlane.domain === undefined ? [] : [controlPlane.domain]);
  if (project === undefined || domains.length === 0) {
    throw new FlyteError(
      "invalid_config",
      "No project and domain to deploy to. Name them with --project and --domain.",
    );
  }
  const bundle = await bundleTasks(file, {
    tasksEntry: entryFile("tasks/index"),
    packageEntry: entryFile("index"),
  });
  const { image = "", version = bundle.version } = options;
  const code = { filename: `${bundle.version}.mjs`, bytes: bundle.code };
  const deployed: DeployedTask[] = [];
  for (const domain of domains) {
    const scope = { project, domain };
    const bundleUri = options.dryRun === true ? "" : await upload(controlPlane, code, scope);
    for (const task of bundle.tasks) {
      const where = { org, ...scope, version, bundleUri, image, packageVersion: packageVersion() };
      if (options.dryRun !== true)
        await deployTask(controlPlane, {
          spec: toTaskSpec(task, where),
          triggers: toTaskTriggers(task),
        });
      deployed.push({ name: task.name, version, project, domain });
    }
  }
  return deployed;
}
