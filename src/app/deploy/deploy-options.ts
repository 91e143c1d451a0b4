import type { ControlPlane } from "../../client/control-plane.ts";
import { checkEnvVars } from "../environment/env-vars.ts";
import {
  assertChoice,
  assertFlag,
  assertOptions,
  assertText,
  invalidConfig,
  show,
} from "../environment/invalid-config.ts";

export interface DeployOptions {
  /** @default the one that `init` or a sibling of it connected to */
  readonly controlPlane?: ControlPlane;
  /** @default that of the control plane */
  readonly project?: string;
  /** @default that of the control plane */
  readonly domain?: string;
  /** Kept with the apps as their label `version`. */
  readonly version?: string;
  /** Environment variables for all that is deployed. They win over those of the app environments. */
  readonly envVars?: Readonly<Record<string, string>>;
  /** Machines to run on. @default those of the app environments */
  readonly clusterPool?: string;
  /** The image of all that is deployed. @default those of the app environments */
  readonly image?: string;
  /**
   * The image of apps that name none: Node.js and this package.
   *
   * @default the environment variable `FLYTE_WEBHOOK_IMAGE`, else `flyte-webhook:VERSION`
   */
  readonly webhookImage?: string;
  /**
   * Who builds images that are described by layers, before anything is deployed: the control plane's
   * builder (`remote`), or Docker on this machine (`local`), which also pushes those that have a
   * registry. With `none` nobody does, and apps are deployed with the names that the images would have.
   *
   * `auto` is `remote` where the control plane has a builder that can build the image, else `none`,
   * which is told to `onProgress`. On a devbox it is `none`: apps run there without their images.
   *
   * @default `auto`
   */
  readonly builder?: "auto" | "remote" | "local" | "none";
  /**
   * Where the image has the file that makes the app environments, for example `/app/apps.ts`: their
   * code is not uploaded then. With it, `image` has to be given here or by the app environments.
   */
  readonly inImage?: string;
  /** The file that makes the app environments. @default the one that calls their constructors */
  readonly file?: string;
  /** Address of the sources, shown with the apps, for example that of a commit. */
  readonly sourceLink?: string;
  /** Sends nothing, and tells what would be sent. @default false */
  readonly dryRun?: boolean;
  /** Waits for each app until it is active. @default false */
  readonly wait?: boolean;
  /** Longest time to wait for one app, in milliseconds. @default 300000 */
  readonly activateTimeoutMs?: number;
  /** Ends the deployment; what has been deployed so far stays. */
  readonly signal?: AbortSignal;
  /** Gets a line for each step. @default nobody */
  readonly onProgress?: (line: string) => void;
}

const optionNames = Object.keys({
  controlPlane: true,
  project: true,
  domain: true,
  version: true,
  envVars: true,
  clusterPool: true,
  image: true,
  webhookImage: true,
  builder: true,
  inImage: true,
  file: true,
  sourceLink: true,
  dryRun: true,
  wait: true,
  activateTimeoutMs: true,
  signal: true,
  onProgress: true,
} satisfies Record<keyof DeployOptions, true>);

/** @throws FlyteError `invalid_config` naming the option and the rule */
export function checkDeployOptions(options: DeployOptions): void {
  assertOptions("deploy", options, optionNames);
  const texts = [
    "project",
    "domain",
    "version",
    "clusterPool",
    "image",
    "webhookImage",
    "inImage",
    "file",
  ] as const;
  for (const name of texts) {
    assertText(name, options[name]);
    if (options[name] === "") throw invalidConfig(`${name} must not be empty. Leave it out.`);
  }
  assertChoice("builder", options.builder, ["auto", "remote", "local", "none"]);
  checkSourceLink(options.sourceLink);
  assertFlag("dryRun", options.dryRun);
  assertFlag("wait", options.wait);
  checkEnvVars(options.envVars);
  const { activateTimeoutMs: ms = 1 } = options;
  if (!Number.isSafeInteger(ms) || ms < 1) {
    throw invalidConfig(
      `activateTimeoutMs ${show(ms)} must be a whole number of milliseconds from 1.`,
    );
  }
}

/** It is shown to everybody who sees the app. */
function checkSourceLink(link: string | undefined): void {
  assertText("sourceLink", link);
  if (link === undefined) return;
  const { protocol, username, password } = URL.canParse(link)
    ? new URL(link)
    : { protocol: "", username: "", password: "" };
  if (/^https?:$/.test(protocol) && username + password === "") return;
  throw invalidConfig("sourceLink must be an http or https address without a user or password.");
}
