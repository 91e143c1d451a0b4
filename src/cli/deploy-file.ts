import type { ControlPlane } from "../client/control-plane.ts";
import { deployTask } from "../client/deploy-task.ts";
import { upload } from "../client/upload.ts";
import { FlyteError } from "../shared/errors.ts";
import { bundleTasks } from "../tasks/bundle-tasks.ts";
import { toTaskSpec } from "../tasks/task-spec.ts";
import { packageVersion, tasksEntry } from "./package-files.ts";

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
  /** Bundles and lists, sends nothing. */
  readonly dryRun?: boolean;
}

/** Bundles a file, uploads the bundle and registers every task that the file exports. */
export async function deployFile(
  controlPlane: ControlPlane,
  file: string,
  options: DeployFileOptions,
): Promise<readonly DeployedTask[]> {
  const { org, project, domain } = controlPlane;
  if (project === undefined || domain === undefined) {
    throw new FlyteError(
      "invalid_config",
      "No project and domain to deploy to. Name them with --project and --domain.",
    );
  }
  const bundle = await bundleTasks(file, { tasksEntry: tasksEntry() });
  const version = options.version ?? bundle.version;
  if (options.dryRun !== true) {
    const bundleUri = await upload(controlPlane, {
      filename: `${bundle.version}.mjs`,
      bytes: bundle.code,
    });
    for (const task of bundle.tasks) {
      const { image = "" } = options;
      const where = { org, project, domain, version, bundleUri, image };
      await deployTask(
        controlPlane,
        toTaskSpec(task, { ...where, packageVersion: packageVersion() }),
      );
    }
  }
  return bundle.tasks.map(({ name }) => ({ name, version, project, domain }));
}
