import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeployOptions } from "../deploy/deploy-options.ts";
import { checkEnvVars } from "../environment/env-vars.ts";
import {
  assertChoice,
  assertOptions,
  assertText,
  invalidConfig,
  show,
} from "../environment/invalid-config.ts";
import type { ParameterValue } from "../parameters/parameter-value.ts";

export interface ServeOptions extends RemoteServeOptions {
  /**
   * Where the apps run: on this machine, or on the control plane that this process is connected to.
   *
   * @default `remote` where `init`, `initFromConfig`, `initFromApiKey` or `initInCluster` connected
   * this process, `local` where none or `initPassthrough` did
   */
  readonly mode?: "local" | "remote";
  /** Address to listen on. @default `127.0.0.1` */
  readonly host?: string;
  /**
   * Port to listen on in place of the environment's; 0 takes a free one, for all that is served.
   *
   * @default the environment's
   */
  readonly port?: number;
  /**
   * Values for parameters, by the names of app and parameter. They win over those of the app
   * environments.
   */
  readonly parameterValues?: ParameterValues;
  /** Environment variables for all that is served. They win over those of the app environments. */
  readonly envVars?: Readonly<Record<string, string>>;
  /** `LOG_LEVEL` of all that is served, for example `debug`. @default that of this process */
  readonly logLevel?: "debug" | "info" | "warn" | "error";
  /** `LOG_FORMAT` of all that is served. @default that of this process */
  readonly logFormat?: "console" | "json";
  /**
   * Folder or address for the data that apps keep, in `_FLYTE_APP_RAW_DATA_PATH`.
   *
   * @default `flyte/raw_data` in the folder for temporary files; the app makes it when it needs it
   */
  readonly rawDataPath?: string;
  /** Longest time until an app is healthy, in milliseconds. @default 60000 */
  readonly activateTimeoutMs?: number;
  /** How long an app may take to answer what it has accepted when it is stopped, in milliseconds. @default 6000 */
  readonly deactivateTimeoutMs?: number;
  /** What is asked to find out whether an app is there. @default `/health` */
  readonly healthPath?: string;
  /** Longest time for one such question, in milliseconds. @default 2000 */
  readonly probeTimeoutMs?: number;
  /** Time between two of them, in milliseconds. @default 100 */
  readonly probeIntervalMs?: number;
  /** Ends the start; what it has started so far is stopped. */
  readonly signal?: AbortSignal;
  /** Gets what apps of a `command` write. @default written to standard error */
  readonly onOutput?: (chunk: Uint8Array) => void;
}

/** What only apps that are served remotely take; the others ignore it. */
type RemoteServeOptions = Pick<
  DeployOptions,
  | "project"
  | "domain"
  | "version"
  | "clusterPool"
  | "image"
  | "webhookImage"
  | "builder"
  | "inImage"
  | "file"
  | "sourceLink"
  | "onProgress"
>;

/** Values by the names of apps, and of their parameters. */
export type ParameterValues = Readonly<Record<string, Readonly<Record<string, ParameterValue>>>>;

type NamedVariable = "envVars" | "logLevel" | "logFormat" | "rawDataPath";

export interface ServeSettings
  extends Required<
    Omit<
      ServeOptions,
      "mode" | "port" | "signal" | "parameterValues" | NamedVariable | keyof RemoteServeOptions
    >
  > {
  /** Environment variables for all that is served. */
  readonly variables: Readonly<Record<string, string>>;
}

const optionNames = Object.keys({
  mode: true,
  project: true,
  domain: true,
  version: true,
  clusterPool: true,
  image: true,
  webhookImage: true,
  builder: true,
  inImage: true,
  file: true,
  sourceLink: true,
  onProgress: true,
  host: true,
  port: true,
  parameterValues: true,
  envVars: true,
  logLevel: true,
  logFormat: true,
  rawDataPath: true,
  activateTimeoutMs: true,
  deactivateTimeoutMs: true,
  healthPath: true,
  probeTimeoutMs: true,
  probeIntervalMs: true,
  signal: true,
  onOutput: true,
} satisfies Record<keyof ServeOptions, true>);

/** Fills the defaults in. @throws FlyteError `invalid_config` naming the option and the rule */
export function resolveServeOptions(options: ServeOptions): ServeSettings {
  assertOptions("serve", options, optionNames);
  assertChoice("mode", options.mode, ["local", "remote"]);
  const { host = "127.0.0.1", port, healthPath = "/health" } = options;
  assertText("host", host);
  if (port !== undefined && !(Number.isSafeInteger(port) && port >= 0 && port <= 65_535)) {
    throw invalidConfig(`port ${show(port)} must be a whole number from 0 to 65535.`);
  }
  if (typeof healthPath !== "string" || !/^\/[!-~]*$/.test(healthPath)) {
    throw invalidConfig(`healthPath ${show(healthPath)} must be a path like "/health".`);
  }
  return {
    host,
    healthPath,
    variables: toVariables(options),
    activateTimeoutMs: milliseconds(options, "activateTimeoutMs", 60_000),
    deactivateTimeoutMs: milliseconds(options, "deactivateTimeoutMs", 6_000),
    probeTimeoutMs: milliseconds(options, "probeTimeoutMs", 2_000),
    probeIntervalMs: milliseconds(options, "probeIntervalMs", 100),
    onOutput: options.onOutput ?? ((chunk) => void process.stderr.write(chunk)),
  };
}

function toVariables({
  envVars,
  logLevel,
  logFormat,
  rawDataPath,
}: ServeOptions): Readonly<Record<string, string>> {
  assertChoice("logLevel", logLevel, ["debug", "info", "warn", "error"]);
  assertChoice("logFormat", logFormat, ["console", "json"]);
  assertText("rawDataPath", rawDataPath);
  if (rawDataPath === "") throw invalidConfig("rawDataPath must be a folder or an address.");
  return {
    _FLYTE_APP_RAW_DATA_PATH: rawDataPath ?? join(tmpdir(), "flyte", "raw_data"),
    ...(logLevel !== undefined && { LOG_LEVEL: logLevel }),
    ...(logFormat !== undefined && { LOG_FORMAT: logFormat }),
    ...checkEnvVars(envVars),
  };
}

function milliseconds(
  options: ServeOptions,
  name: "activateTimeoutMs" | "deactivateTimeoutMs" | "probeTimeoutMs" | "probeIntervalMs",
  byDefault: number,
): number {
  const value = options[name] ?? byDefault;
  if (Number.isSafeInteger(value) && value >= 1 && value <= 2 ** 31 - 1) return value;
  throw invalidConfig(`${name} ${show(value)} must be a whole number of milliseconds from 1.`);
}
