import { resolve } from "node:path";
import type { Command } from "commander";
import type { DeployedEnvironment } from "../../app/deploy/deploy-apps.ts";
import type { DeployOptions as AppOptions } from "../../app/deploy/deploy-options.ts";
import type { AppEnvironment } from "../../app/environment/app-environment.ts";
import { createControlPlane } from "../../client/create-control-plane.ts";
import type { ControlPlaneOptions } from "../../client/options.ts";
import { admitNextCall } from "../../shared/app-process.ts";
import { FlyteError } from "../../shared/errors.ts";
import type { JsonValue } from "../../shared/json.ts";
import { quoteShellWord } from "../../shared/quote-shell-word.ts";
import { resolveConnection } from "../connection.ts";
import { type DeployedTask, deployFile } from "../deploy-file.ts";
import { type LoadedPackage, loadDeployable, loadPackage } from "../deployable.ts";
import { parsePairs } from "../inputs.ts";
import type { ConnectionOptions, WebhookCommandOptions } from "../options.ts";
import { note, print, printJson, table } from "../output.ts";
import { findSourceLink } from "../source-link.ts";
import { toWebhookSettings } from "../webhook-settings.ts";

interface DeployOptions extends ConnectionOptions, WebhookCommandOptions {
  readonly version?: string;
  readonly image?: string;
  readonly webhookImage?: string;
  readonly builder: "auto" | "remote" | "local" | "none";
  readonly inImage?: string;
  readonly env?: readonly string[];
  readonly allowAnonymous?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
  readonly timeout?: number;
}

/** `flyte-webhook deploy [FILE] [NAME]`: the tasks and apps of a file, or the pre-built webhook. */
export async function deploy(
  file: string | undefined,
  name: string | undefined,
  options: DeployOptions,
  command: Command,
): Promise<void> {
  if (file !== undefined) assertForFile(command);
  const package_ = await loadPackage();
  const { tasks, environments } =
    file === undefined
      ? { tasks: [], environments: [webhookOf(options, package_)] }
      : await loadDeployable(file, name, package_);
  const connection = await resolveConnection(options);
  const registered =
    file === undefined || tasks.length === 0 ? [] : await deployTasks(file, connection, options);
  const apps = await deployApps(environments, file, connection, package_, options);
  if (options.json === true) {
    printJson([...registered.map((task) => ({ ...task })), ...apps.map(toJson)]);
    return;
  }
  if (options.dryRun === true) note("Nothing was deployed (--dry-run).");
  const tables = [taskTable(registered), appTable(apps)];
  print(tables.filter((text) => text !== undefined).join("\n\n"));
}

/** What a webhook is, its file says itself. */
function assertForFile(command: Command): void {
  const wrong = command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === "cli" &&
      (option.helpGroupHeading === "Webhook options:" || option.long === "--allow-anonymous"),
  );
  if (wrong === undefined) return;
  throw new FlyteError(
    "invalid_config",
    `${wrong.long} cannot be given together with a file: the environment in the file says what is deployed. Leave it out, or give the option to the environment.`,
  );
}

function webhookOf(options: DeployOptions, package_: LoadedPackage): AppEnvironment {
  if (options.inImage !== undefined) {
    throw new FlyteError(
      "invalid_config",
      "--in-image names a file in the image, and needs the same file here: flyte-webhook deploy FILE --in-image PATH.",
    );
  }
  return new package_.FlyteWebhookAppEnvironment({
    ...toWebhookSettings(options),
    ...(options.allowAnonymous === true && { allowAnonymous: true }),
  });
}

async function deployTasks(
  file: string,
  connection: ControlPlaneOptions,
  { version, image, dryRun }: DeployOptions,
): Promise<readonly DeployedTask[]> {
  await using controlPlane = createControlPlane(connection);
  return await deployFile(controlPlane, file, {
    ...(version !== undefined && { version }),
    ...(image !== undefined && { image }),
    dryRun: dryRun === true,
  });
}

async function deployApps(
  environments: readonly AppEnvironment[],
  file: string | undefined,
  connection: ControlPlaneOptions,
  package_: LoadedPackage,
  options: DeployOptions,
): Promise<readonly DeployedEnvironment[]> {
  if (environments.length === 0) return [];
  await using controlPlane = package_.createControlPlane(connection);
  const sourceLink = file === undefined ? undefined : await findSourceLink(resolve(file));
  admitNextCall();
  return await package_.deploy(environments, {
    controlPlane,
    ...(file !== undefined && { file: resolve(file) }),
    ...(sourceLink !== undefined && { sourceLink }),
    ...toAppOptions(options),
  });
}

function toAppOptions(options: DeployOptions): AppOptions {
  const { version, image, webhookImage, builder, inImage } = options;
  const { env, dryRun, wait, timeout, json } = options;
  return {
    ...(version !== undefined && { version }),
    ...(image !== undefined && { image }),
    ...(webhookImage !== undefined && { webhookImage }),
    ...(inImage !== undefined && { inImage }),
    ...(env !== undefined && { envVars: parsePairs(env, "--env") }),
    ...(timeout !== undefined && { activateTimeoutMs: timeout }),
    builder,
    dryRun: dryRun === true,
    wait: wait === true,
    ...(json !== true && { onProgress: note }),
  };
}

function toJson({ spec, status, change, ...deployed }: DeployedEnvironment): JsonValue {
  const image = { ...deployed.image };
  // Only what JSON has: texts, numbers, lists of them.
  const said = spec as unknown as JsonValue;
  if (status === undefined) return { app: spec.name, change, image, spec: said };
  const { project, domain, revision, phase, endpoint, url } = status;
  return { app: spec.name, change, image, project, domain, revision, phase, endpoint, url };
}

function taskTable(tasks: readonly DeployedTask[]): string | undefined {
  if (tasks.length === 0) return undefined;
  return table(
    ["name", "version", "project", "domain"],
    tasks.map(({ name, version, project, domain }) => [name, version, project, domain]),
  );
}

function appTable(apps: readonly DeployedEnvironment[]): string | undefined {
  if (apps.length === 0) return undefined;
  if (apps.every(({ status }) => status === undefined)) {
    return table(
      ["app", "image", "command"],
      apps.map(({ spec: { name, container } }) => {
        const { image, command, args } = container;
        return [name, image, [...command, ...args].map(quoteShellWord).join(" ")];
      }),
    );
  }
  return table(
    ["app", "change", "phase", "endpoint"],
    apps.map(({ spec, change, status }) => [
      spec.name,
      change,
      status?.phase ?? "",
      status?.endpoint ?? "",
    ]),
  );
}
