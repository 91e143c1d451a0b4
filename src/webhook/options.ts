import type { FastifyBaseLogger } from "fastify";
import type { ControlPlane, TaskRef } from "../client/control-plane.ts";
import { FlyteError } from "../shared/errors.ts";
import { compileAllowlist, type Matcher } from "./allowlist.ts";
import { assertChoices } from "./assert-choices.ts";
import { type BuildMatcher, compileBuildAllowlist } from "./build-allowlist.ts";
import { checkedOrigins } from "./cors.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Limits, resolveLimits } from "./limits.ts";
import { type FullTaskName, tasksNamedInFull } from "./openapi/typed-operations.ts";
import { compilePrefetchAllowlist, type PrefetchAllowlist } from "./prefetch-allowlist.ts";
import { type EndpointSelection, selectEndpoints } from "./select-endpoints.ts";
import {
  type ResolvedSignalLinks,
  resolveSignalLinks,
  type SignalLinkOptions,
} from "./signal-links/link-options.ts";
import { withoutLinks } from "./signal-links/without-links.ts";
import { checkedProxies } from "./trusted-proxies.ts";

export interface WebhookOptions extends EndpointSelection {
  /** Where tasks run. Calls carry the credential of the caller of the webhook, never one of its own. */
  readonly controlPlane: ControlPlane;
  /** The webhook's name as an app: lower-case letters, digits and inner dashes. */
  readonly name: string;
  /** @default `Flyte Webhook: NAME` */
  readonly title?: string;
  /** @default `A webhook service for Flyte operations` */
  readonly description?: string;
  /**
   * Tasks that may be run and described, and whose runs may be read and aborted: `name`,
   * `project/name` or `domain/project/name`. An empty list allows none.
   *
   * @default all
   */
  readonly taskAllowlist?: readonly string[];
  /**
   * Apps that may be touched: `name`, `project/name` or `domain/project/name`. An empty list allows
   * none. Only apps of a list get the credential of the caller of `call_app`.
   *
   * @default all
   */
  readonly appAllowlist?: readonly string[];
  /**
   * Triggers that may be switched and fired: `trigger`, `task/trigger`, `project/task/trigger` or
   * `domain/project/task/trigger`. An empty list allows none. To fire one, `taskAllowlist` must allow its
   * task, too.
   *
   * @default all
   */
  readonly triggerAllowlist?: readonly string[];
  /**
   * What images may be built of: `base:IMAGE`, `pip:NAME`, `apt:NAME`, with `*` for any characters but a slash. An
   * empty list allows Flyte's own image without packages.
   *
   * @default all
   */
  readonly buildAllowlist?: readonly string[];
  /**
   * Which models may be fetched: `organisation/name` or `name`, with `*` for any characters but a slash, and
   * by `secret:KEY` which secrets beside `HF_TOKEN` may be sent to the hub as a token. Runs of other
   * models answer like absent ones. An empty list allows no model.
   *
   * @default all
   */
  readonly prefetchAllowlist?: readonly string[];
  /**
   * Where runs are started: in the project and domain of the control plane (`webhook`), or in those
   * of the task (`task`).
   *
   * @default `webhook`
   */
  readonly runScope?: "webhook" | "task";
  /**
   * `upstream` answers with the statuses and bodies of Flyte's Python webhook wherever a client can
   * see them, its misleading statuses included. What is allowed and what is refused for safety stays
   * the same; `docs/compatibility.md` has every difference.
   *
   * @default the statuses and problem documents of `docs/errors.md`
   */
  readonly compat?: "upstream";
  /** Longest body that is read, in bytes. @default 1048576 */
  readonly bodyLimitBytes?: number;
  /**
   * Longest time for a request to arrive whole, in milliseconds; looked at twice a minute, or as
   * often as the time is long. Also ends bodies that were refused and keep coming.
   *
   * @default 60000
   */
  readonly requestTimeoutMs?: number;
  /**
   * How long `close` waits for requests that have not arrived whole, in milliseconds. Those that
   * have are always answered.
   *
   * @default 5000
   */
  readonly closeGraceMs?: number;
  /**
   * Longest time that a request with `wait` waits, in milliseconds.
   *
   * @default 60000
   */
  readonly waitLimitMs?: number;
  /** Longest time that `call_app` gives an app, from waking it to the last byte. @default 30000 */
  readonly callTimeoutMs?: number;
  /** Longest answer of an app that `call_app` passes on, in bytes. @default 10485760 */
  readonly callResponseLimitBytes?: number;
  /**
   * The registered task that fetches models, for the group `prefetch`.
   *
   * @default the newest `prefetch.hf_model` in the project and domain of the control plane, else that in
   * project `system`, domain `production`, where a devbox has it
   */
  readonly prefetchTask?: TaskRef;
  /**
   * Origins whose pages may call the webhook from a browser, for example `https://app.example.com`.
   * No wildcards. Pages send their token themselves: cookies are not accepted from other origins.
   *
   * @default none
   */
  readonly corsOrigins?: readonly string[];
  /**
   * Addresses or CIDR ranges of the proxies in front, whose `X-Forwarded-For` is believed for the
   * address in the log. No access decision depends on it.
   *
   * @default none
   */
  readonly trustedProxies?: readonly string[];
  /**
   * Who may read `/openapi.json`, `/docs` and `/redoc`: everybody, callers with a credential, or
   * nobody.
   *
   * @default `public`
   */
  readonly docs?: "public" | "protected" | "off";
  /**
   * Whether `/openapi.json?tasks=true` also describes, to a caller with a credential, one operation
   * for each task that `taskAllowlist` names with domain and project.
   *
   * @default false
   */
  readonly typedOperations?: boolean;
  /**
   * Makes links by which people without a credential signal a condition once, for the group `signal`.
   *
   * @default no links
   */
  readonly signalLinks?: SignalLinkOptions;
  /** Gets one line for each request, without credentials or queries. @default none */
  readonly logger?: FastifyBaseLogger;
}

/** Options with every default filled in and every list compiled. */
export interface ResolvedOptions extends Limits {
  readonly controlPlane: ControlPlane;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly endpoints: readonly Endpoint[];
  readonly taskAllowed: Matcher;
  /** Whether runs have to be looked up before they may be touched. */
  readonly runsFenced: boolean;
  readonly appAllowed: Matcher;
  /** Whether apps are allowed one by one. */
  readonly appsListed: boolean;
  readonly triggerAllowed: Matcher;
  /** What of an image is not allowed. */
  readonly refusedOfImage: BuildMatcher;
  readonly runScope: "webhook" | "task";
  readonly compat: "upstream" | undefined;
  /** The first of them that is registered fetches models. */
  readonly prefetchTasks: readonly TaskRef[];
  readonly prefetchAllowed: PrefetchAllowlist;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly docs: "public" | "protected" | "off";
  /** The tasks to describe one by one to callers who ask for it; absent when nobody may ask. */
  readonly typedTasks: readonly FullTaskName[] | undefined;
  readonly signalLinks: ResolvedSignalLinks | undefined;
  readonly logger: FastifyBaseLogger | undefined;
}

function needsScope(endpoint: Endpoint, runScope: "webhook" | "task"): boolean {
  return endpoint.fence === "run" || (endpoint.name === "run_task" && runScope === "webhook");
}

/** Fills the defaults in. @throws FlyteError `invalid_config` naming the option and the remedy */
export function resolveOptions(options: WebhookOptions): ResolvedOptions {
  const { controlPlane } = options;
  const settings = resolveSettings(options);
  const { endpoints, runScope } = settings;
  if (settings.signalLinks?.controlPlane === controlPlane) {
    throw new FlyteError(
      "invalid_config",
      "signalLinks.controlPlane must be one with a credential of its own: who opens a link has none.",
    );
  }
  const scoped = controlPlane.project !== undefined && controlPlane.domain !== undefined;
  if (!scoped && endpoints.some((endpoint) => needsScope(endpoint, runScope))) {
    throw new FlyteError(
      "invalid_config",
      "The control plane has no project and domain for runs. Give both to createControlPlane.",
    );
  }
  return { controlPlane, ...settings };
}

const prefetchTaskName = "prefetch.hf_model";
const defaultPrefetchTasks: readonly TaskRef[] = [
  { name: prefetchTaskName },
  { name: prefetchTaskName, project: "system", domain: "production" },
];

/** Options that need no control plane, with every default filled in and every list compiled. */
export type ResolvedSettings = Omit<ResolvedOptions, "controlPlane">;

/** Fills the defaults in. @throws FlyteError `invalid_config` naming the option and the remedy */
export function resolveSettings(options: Omit<WebhookOptions, "controlPlane">): ResolvedSettings {
  const { name, runScope = "webhook" } = options;
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new FlyteError(
      "invalid_config",
      `The name "${name}" must consist of lower case letters, digits and dashes, begin and end with a letter or digit, and have at most 63 characters.`,
    );
  }
  assertChoices(options);
  const limits = resolveLimits(options);
  const endpoints = withoutLinks(selectEndpoints(options), options);
  return {
    name,
    title: options.title ?? `Flyte Webhook: ${name}`,
    description: options.description ?? "A webhook service for Flyte operations",
    endpoints,
    taskAllowed: compileAllowlist("task", options.taskAllowlist),
    runsFenced: options.taskAllowlist !== undefined,
    appAllowed: compileAllowlist("app", options.appAllowlist),
    appsListed: options.appAllowlist !== undefined,
    triggerAllowed: compileAllowlist("trigger", options.triggerAllowlist),
    refusedOfImage: compileBuildAllowlist(options.buildAllowlist),
    runScope,
    compat: options.compat,
    ...limits,
    prefetchTasks:
      options.prefetchTask === undefined ? defaultPrefetchTasks : [options.prefetchTask],
    prefetchAllowed: compilePrefetchAllowlist(options.prefetchAllowlist),
    corsOrigins: checkedOrigins(options.corsOrigins),
    trustedProxies: checkedProxies(options.trustedProxies),
    docs: options.docs ?? "public",
    typedTasks:
      options.typedOperations === true ? tasksNamedInFull(options.taskAllowlist) : undefined,
    signalLinks: resolveSignalLinks(options.signalLinks, name),
    logger: options.logger,
  };
}
