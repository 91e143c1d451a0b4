import type { Image } from "../../client/image.ts";
import type { Parameter, ParameterOptions } from "../parameters/parameter.ts";
import { toParameters } from "../parameters/to-parameters.ts";
import { type AppHooks, checkHooks, withHooks } from "./app-hooks.ts";
import { checkAppName } from "./app-name.ts";
import type { AppServer } from "./app-server.ts";
import { noteDeclaration } from "./declarations.ts";
import { Domain, type DomainOptions } from "./domain.ts";
import { checkEnvVars } from "./env-vars.ts";
import { hookServer, type ServerHook } from "./hook-server.ts";
import {
  assertFlag,
  assertList,
  assertOptions,
  assertText,
  invalidConfig,
  show,
} from "./invalid-config.ts";
import { Link, type LinkOptions } from "./link.ts";
import { Port, type PortOptions } from "./port.ts";
import { Resources, type ResourcesOptions } from "./resources.ts";
import { Scaling, type ScalingOptions } from "./scaling.ts";
import { Secret, type SecretOptions } from "./secret.ts";
import { toInclude, toWords } from "./text-lists.ts";
import { Timeouts, type TimeoutsOptions } from "./timeouts.ts";
import { assertDistinctVariables } from "./variable-names.ts";

/** What every kind of app takes. */
export interface AppEnvironmentOptions extends AppHooks {
  /** Lower-case letters, digits and inner dashes, up to 63: a label of the app's host name. */
  readonly name: string;
  /** What kind of app it is, for the console. */
  readonly type?: string;
  /** What it is for, in a sentence. */
  readonly description?: string;
  /** @default 8080 */
  readonly port?: number | Port | PortOptions;
  /** The program, in place of the image's own: a list, or a text that is split like a shell's. */
  readonly command?: string | readonly string[];
  /**
   * Arguments of the program: a list, or a text that is split like a shell's. `$NAME` and `${NAME}`
   * stand for an environment variable of the app: one of `envVars`, of a secret or of a parameter, or
   * one that is set where the app is started, such as `PORT`. `$$` is one `$`.
   */
  readonly args?: string | readonly string[];
  /** Starts the app, in place of `command` and `args`, inside the process that serves it. */
  readonly server?: ServerHook;
  /** What the app gets when it starts: texts, files, outputs of runs, addresses of other apps. */
  readonly parameters?: readonly (Parameter | ParameterOptions)[];
  /** What a deployed app runs in. */
  readonly image?: Image | string;
  readonly resources?: Resources | ResourcesOptions;
  readonly scaling?: Scaling | ScalingOptions;
  /** Whether a deployed app is reached with a credential of the platform only. @default true */
  readonly requiresAuth?: boolean;
  /** Secrets that the app reads; a text is the key of one. */
  readonly secrets?: readonly (string | Secret | SecretOptions)[];
  /** Environment variables of the app alone. No place for a secret. */
  readonly envVars?: Readonly<Record<string, string>>;
  /** Apps that have to be there first. Tasks are deployed by their file. */
  readonly dependsOn?: readonly AppEnvironment[];
  readonly domain?: Domain | DomainOptions;
  /** Links on the app's page in the console. */
  readonly links?: readonly (Link | LinkOptions)[];
  readonly timeouts?: Timeouts | TimeoutsOptions;
  /** Files, folders and patterns that the app needs beside its code, below the folder of the file that declares it. */
  readonly include?: readonly string[];
  /** Machines that a deployed app runs on. @default `default` */
  readonly clusterPool?: string;
}

/** Of an app, what another one with a new name may change. */
export type AppEnvironmentOverrides = Partial<Omit<AppEnvironmentOptions, "name">>;

const optionNames = Object.keys({
  name: true,
  type: true,
  description: true,
  port: true,
  command: true,
  args: true,
  server: true,
  onStartup: true,
  onShutdown: true,
  parameters: true,
  image: true,
  resources: true,
  scaling: true,
  requiresAuth: true,
  secrets: true,
  envVars: true,
  dependsOn: true,
  domain: true,
  links: true,
  timeouts: true,
  include: true,
  clusterPool: true,
} satisfies Record<keyof AppEnvironmentOptions, true>);

/**
 * An app and everything it needs: `serve` runs it.
 *
 * @example
 * const env = new AppEnvironment({ name: "dashboard", command: "node dashboard.js", port: 3000 });
 * const app = await serve(env);
 *
 * @throws FlyteError `invalid_config` naming the option, the rule and the remedy
 */
export class AppEnvironment {
  /** Names of the options that the constructor takes. @internal */
  static readonly optionNames: readonly string[] = optionNames;

  readonly name: string;
  readonly type: string | undefined;
  readonly description: string | undefined;
  readonly port: Port;
  readonly command: readonly string[] | undefined;
  readonly args: readonly string[] | undefined;
  readonly parameters: readonly Parameter[];
  readonly image: Image | string | undefined;
  /** The image as it was asked for, where an environment has one of its own besides. @internal */
  readonly givenImage: Image | string | undefined;
  readonly resources: Resources | undefined;
  readonly scaling: Scaling;
  readonly requiresAuth: boolean;
  readonly secrets: readonly Secret[];
  readonly envVars: Readonly<Record<string, string>>;
  readonly dependsOn: readonly AppEnvironment[];
  readonly domain: Domain | undefined;
  readonly links: readonly Link[];
  readonly timeouts: Timeouts;
  readonly include: readonly string[];
  readonly clusterPool: string;
  /** Starts the app inside a process; undefined where `command` or `args` do. */
  readonly server: AppServer | undefined;
  readonly #options: AppEnvironmentOptions;

  constructor(options: AppEnvironmentOptions) {
    const { optionNames: known } = new.target;
    assertOptions("The app environment", options, known);
    this.name = checkAppName(options.name);
    for (const name of ["type", "description", "clusterPool"] as const) {
      assertText(name, options[name]);
    }
    this.type = options.type;
    this.description = options.description;
    this.port = toPort(options.port);
    this.command = toWords("command", options.command);
    this.args = toWords("args", options.args);
    this.givenImage = checkImage(options.image);
    this.image = this.givenImage;
    this.resources = toValue(Resources, options.resources);
    this.scaling = toValue(Scaling, options.scaling) ?? new Scaling();
    assertFlag("requiresAuth", options.requiresAuth);
    this.requiresAuth = options.requiresAuth ?? true;
    this.envVars = checkEnvVars(options.envVars);
    this.secrets = toSecrets(options.secrets);
    this.parameters = toParameters(options.parameters);
    assertDistinctVariables(this);
    this.dependsOn = checkDependencies(options.dependsOn);
    this.domain = toValue(Domain, options.domain);
    assertList("links", options.links);
    this.links = (options.links ?? []).map((link) => toLink(link));
    this.timeouts = toValue(Timeouts, options.timeouts) ?? new Timeouts();
    this.include = toInclude(options.include);
    this.clusterPool = options.clusterPool ?? "default";
    this.server = toServer(options);
    this.#options = { ...options };
    noteDeclaration(this);
  }

  /**
   * The same app under another name, with what `overrides` change.
   *
   * @throws FlyteError `invalid_config` as the constructor does
   */
  cloneWith(name: string, overrides: AppEnvironmentOverrides = {}): this {
    const Environment = this.constructor as new (options: AppEnvironmentOptions) => this;
    return new Environment({ ...this.#options, ...overrides, name });
  }
}

function toValue<Options, Value extends object>(
  Type: new (options: Options) => Value,
  given: Options | Value | undefined,
): Value | undefined {
  if (given === undefined) return undefined;
  return given instanceof Type ? given : new Type(given as Options); // What is no Value makes one.
}

function toLink(link: Link | LinkOptions): Link {
  return link instanceof Link ? link : new Link(link);
}

function toPort(port: number | Port | PortOptions = 8080): Port {
  if (port instanceof Port) return port;
  return new Port(typeof port === "object" ? port : { port });
}

function toServer(options: AppEnvironmentOptions): AppServer | undefined {
  const { name, server, onStartup, onShutdown } = options;
  checkHooks(name, { server, onStartup, onShutdown });
  if (server !== undefined) {
    for (const other of ["command", "args"] as const) {
      if (options[other] === undefined) continue;
      throw invalidConfig(`"${name}" has both server and ${other}. Keep one: each starts the app.`);
    }
    return withHooks(hookServer(server), { onStartup, onShutdown });
  }
  if ("app" in options) return undefined;
  for (const [hook, given] of Object.entries({ onStartup, onShutdown })) {
    if (given === undefined) continue;
    throw invalidConfig(
      `${hook} of "${name}" goes with server: an app of a command runs in a process of its own.`,
    );
  }
  return undefined;
}

function checkImage(image: Image | string | undefined): Image | string | undefined {
  if (image === undefined) return undefined;
  if (typeof image === "string" ? /^[!-~]+$/.test(image) : typeof image.spec === "object")
    return image;
  throw invalidConfig(`image ${show(image)} must be the name of an image, or an Image.`);
}

function toSecrets(given: AppEnvironmentOptions["secrets"] = []): readonly Secret[] {
  assertList("secrets", given);
  return given.map((secret) => {
    if (secret instanceof Secret) return secret;
    return new Secret(typeof secret === "string" ? { key: secret } : secret);
  });
}

function checkDependencies(given: readonly AppEnvironment[] = []): readonly AppEnvironment[] {
  assertList("dependsOn", given);
  for (const dependency of given) {
    if (dependency instanceof AppEnvironment) continue;
    throw invalidConfig(
      `dependsOn must list app environments, not ${show(dependency)}. Tasks are deployed by their file.`,
    );
  }
  return [...given];
}
