import type { FastifyInstance } from "fastify";
import type { CommandEnvironment, DeployedCommand } from "../app/deploy/deployed-command.ts";
import type { AppContext } from "../app/environment/app-server.ts";
import {
  FastifyAppEnvironment,
  type FastifyAppEnvironmentOptions,
} from "../app/environment/fastify-app-environment.ts";
import {
  assertFlag,
  assertOptions,
  assertText,
  invalidConfig,
} from "../app/environment/invalid-config.ts";
import type { LinkOptions } from "../app/environment/link.ts";
import type { ControlPlane } from "../client/control-plane.ts";
import { Image } from "../client/image.ts";
import { openPassthrough } from "../client/init.ts";
import { FlyteError } from "../shared/errors.ts";
import { createWebhook } from "./create-webhook.ts";
import type { EndpointGroup, EndpointName } from "./endpoint.ts";
import type { WebhookOptions } from "./options.ts";
import { type ResolvedSettings, resolveSettings } from "./resolve-options.ts";
import { inexpressible, toServeArguments } from "./serve-arguments.ts";

type WebhookSettings = Omit<WebhookOptions, "controlPlane">;

export interface FlyteWebhookAppEnvironmentOptions
  extends WebhookSettings,
    Omit<FastifyAppEnvironmentOptions, "app" | keyof WebhookSettings> {
  /**
   * Serves in front of a control plane that answers without a credential too, and takes it for ready. Every
   * caller is the same user there.
   *
   * @default false: not started
   */
  readonly allowAnonymous?: boolean;
}

type OwnName = Exclude<keyof WebhookSettings, "name" | "description">;

const ownNames = Object.keys({
  title: true,
  endpointGroups: true,
  endpoints: true,
  taskAllowlist: true,
  appAllowlist: true,
  triggerAllowlist: true,
  buildAllowlist: true,
  prefetchAllowlist: true,
  runScope: true,
  runOptions: true,
  compat: true,
  bodyLimitBytes: true,
  requestTimeoutMs: true,
  maxConcurrentRequests: true,
  maxQueuedRequests: true,
  queueTimeoutMs: true,
  maxConnections: true,
  maxConnectionsPerAddress: true,
  keepAliveTimeoutMs: true,
  writeTimeoutMs: true,
  closeGraceMs: true,
  drainDelayMs: true,
  drainTimeoutMs: true,
  waitLimitMs: true,
  maxWaiters: true,
  callTimeoutMs: true,
  callResponseLimitBytes: true,
  maxStreams: true,
  prefetchTask: true,
  corsOrigins: true,
  trustedProxies: true,
  docs: true,
  typedOperations: true,
  signalLinks: true,
  hooks: true,
  callbacks: true,
  inspectors: true,
  rateLimits: true,
  audit: true,
  tracing: true,
  metricsToken: true,
  logger: true,
  allowAnonymous: true,
} satisfies Record<OwnName, true>);

/** Options of an app that the webhook hands on; `app` it makes itself. */
const appNames = FastifyAppEnvironment.optionNames.filter((name) => name !== "app");

/**
 * The pre-built webhook as an app: every option of an app, and every option of the webhook. All of
 * them are checked here, before there is a control plane.
 *
 * @example
 * export const env = new FlyteWebhookAppEnvironment({
 *   name: "restricted-webhook",
 *   endpointGroups: ["core", "task", "run"],
 *   taskAllowlist: ["production/my-project/train.main"],
 * });
 * const app = await serve(env);
 *
 * @throws FlyteError `invalid_config` naming the option, the rule and the remedy
 */
export class FlyteWebhookAppEnvironment
  extends FastifyAppEnvironment
  implements CommandEnvironment
{
  readonly title: string;
  override readonly description: string;
  /** As given, else Flyte's own, as the original has it. Deployed is `webhookImage()` in its place. */
  override readonly image: Image | string;
  /** As given; undefined where `endpoints` or nothing is. */
  readonly endpointGroups: readonly EndpointGroup[] | undefined;
  /** The endpoints that are served, whichever way they were chosen. */
  readonly endpoints: readonly EndpointName[];
  /** Undefined allows all, an empty list none. */
  readonly taskAllowlist: readonly string[] | undefined;
  readonly appAllowlist: readonly string[] | undefined;
  readonly triggerAllowlist: readonly string[] | undefined;
  readonly buildAllowlist: readonly string[] | undefined;
  readonly prefetchAllowlist: readonly string[] | undefined;
  /** Who may see what others did, by their subjects; undefined for nobody. */
  readonly inspectors: readonly string[] | undefined;
  readonly runScope: "webhook" | "task";
  readonly compat: "upstream" | undefined;
  readonly docs: "public" | "protected" | "off";
  readonly #options: FlyteWebhookAppEnvironmentOptions;

  constructor(options: FlyteWebhookAppEnvironmentOptions) {
    assertOptions("The webhook environment", options, [...appNames, ...ownNames]);
    const settings = resolveOwn(options);
    super({
      type: "FlyteWebhookApp",
      ...pick(options, appNames),
      name: options.name,
      description: settings.description,
      links: [...docsLinks(settings), ...(options.links ?? [])],
      app: (context) => startWebhook(options, context),
    });
    this.image = this.givenImage ?? Image.fromDebianBase();
    this.title = settings.title;
    this.description = settings.description;
    this.endpointGroups = options.endpointGroups;
    this.endpoints = settings.endpoints.map(({ name }) => name);
    this.taskAllowlist = options.taskAllowlist;
    this.appAllowlist = options.appAllowlist;
    this.triggerAllowlist = options.triggerAllowlist;
    this.buildAllowlist = options.buildAllowlist;
    this.prefetchAllowlist = options.prefetchAllowlist;
    this.inspectors = options.inspectors;
    this.runScope = settings.runScope;
    this.compat = settings.compat;
    this.docs = settings.docs;
    this.#options = { ...options };
  }

  /**
   * The webhook in front of a control plane, assembled and not listening.
   *
   * @throws FlyteError `invalid_config` when runs need a project and domain that it does not have
   */
  createApp(controlPlane: ControlPlane): FastifyInstance {
    return createWebhook(webhookOptions(this.#options, controlPlane));
  }

  /**
   * The command that serves this webhook, from an image that has the package. A class that extends
   * this one is more than its arguments say.
   *
   * @internal
   */
  deployedCommand(): DeployedCommand | undefined {
    const { onStartup, onShutdown, hooks } = this.#options;
    // What hooks start is said in code.
    if (this.constructor !== FlyteWebhookAppEnvironment || hooks !== undefined) return undefined;
    for (const [name, hook] of Object.entries({ onStartup, onShutdown })) {
      if (hook !== undefined) throw inexpressible(this.name, name);
    }
    const settings = pick(this.#options, [...ownNames, "description"]);
    const args = toServeArguments({ ...settings, name: this.name });
    return { command: ["flyte-webhook"], args };
  }

  override cloneWith(
    name: string,
    overrides: Partial<Omit<FlyteWebhookAppEnvironmentOptions, "name">> = {},
  ): this {
    const Environment = this.constructor as new (
      options: FlyteWebhookAppEnvironmentOptions,
    ) => this;
    const { endpoints, endpointGroups, ...others } = this.#options;
    // Each of the two is there in place of the other.
    const chosen =
      "endpoints" in overrides || "endpointGroups" in overrides
        ? {}
        : pick({ endpoints, endpointGroups }, ["endpoints", "endpointGroups"]);
    return new Environment({ ...others, ...chosen, ...overrides, name });
  }
}

function resolveOwn(options: FlyteWebhookAppEnvironmentOptions): ResolvedSettings {
  assertText("title", options.title);
  assertText("description", options.description);
  assertFlag("typedOperations", options.typedOperations);
  assertFlag("allowAnonymous", options.allowAnonymous);
  const settings = resolveSettings(options);
  if (options.hooks !== undefined && options.requiresAuth === undefined) {
    throw invalidConfig(
      `requiresAuth of the webhook "${options.name}" has to be given, as it has hooks: false lets deliveries in, which bring no credential of the platform; the endpoints want one all the same. true is for where something in front adds one.`,
    );
  }
  return settings;
}

/** The named properties, those left undefined apart. */
function pick<Value extends object>(value: Value, names: readonly string[]): Partial<Value> {
  const entries = Object.entries(value).filter(
    ([name, part]) => names.includes(name) && part !== undefined,
  );
  return Object.fromEntries(entries) as Partial<Value>; // Made of properties of that value.
}

function docsLinks({ docs }: ResolvedSettings): readonly LinkOptions[] {
  return docs === "off" ? [] : [{ path: "/docs", title: "OpenAPI Docs", isRelative: true }];
}

function webhookOptions(
  options: FlyteWebhookAppEnvironmentOptions,
  controlPlane: ControlPlane,
): WebhookOptions {
  const { name } = options;
  return { ...pick(options, [...ownNames, "description"]), name, controlPlane };
}

/** Connects without a credential, as the app's environment says, and makes the webhook of it. */
async function startWebhook(
  options: FlyteWebhookAppEnvironmentOptions,
  { env }: AppContext,
): Promise<FastifyInstance> {
  const { allowAnonymous } = options;
  const controlPlane = await openPassthrough({ allowAnonymous, surroundings: { env } });
  try {
    assertScope(options.name, controlPlane);
    const app = createWebhook(webhookOptions(options, controlPlane));
    app.addHook("onClose", () => controlPlane.close());
    return app;
  } catch (error) {
    await controlPlane.close();
    throw error;
  }
}

function assertScope(app: string, controlPlane: ControlPlane): void {
  for (const name of ["project", "domain"] as const) {
    if (controlPlane[name] !== undefined) continue;
    throw new FlyteError(
      "invalid_config",
      `The webhook "${app}" needs a ${name} for the runs it starts. Set FLYTE_INTERNAL_EXECUTION_${name.toUpperCase()}, or put task.${name} into the configuration file.`,
    );
  }
}
