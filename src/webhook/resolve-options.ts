import type { FastifyBaseLogger } from "fastify";
import type { ControlPlane, TaskRef } from "../client/control-plane.ts";
import { FlyteError } from "../shared/errors.ts";
import { Slots } from "./admission/slots.ts";
import { allowedNames, compileAllowlist, type Matcher } from "./allowlist.ts";
import { assertChoices } from "./assert-choices.ts";
import { type ResolvedAudit, resolveAudit } from "./audit/audit-options.ts";
import { type BuildMatcher, compileBuildAllowlist } from "./build-allowlist.ts";
import {
  type ResolvedCallbacks,
  refuseOwnControlPlane,
  resolveCallbacks,
} from "./callbacks/callback-options.ts";
import { checkedOrigins } from "./cors.ts";
import type { Endpoint } from "./endpoint.ts";
import { checkHooks, type ResolvedHook, resolveHooks } from "./hooks/resolve-hooks.ts";
import { checkedInspectors } from "./inspect/inspectors.ts";
import { type Limits, resolveLimits } from "./limits.ts";
import { checkedMetricsToken } from "./metrics/metrics-token.ts";
import { type FullTaskName, tasksNamedInFull } from "./openapi/typed-operations.ts";
import type { WebhookOptions } from "./options.ts";
import { compilePrefetchAllowlist, type PrefetchAllowlist } from "./prefetch-allowlist.ts";
import { type ResolvedRateLimits, resolveRateLimits } from "./rate-limits/rate-limit-options.ts";
import { selectEndpoints } from "./select-endpoints.ts";
import { type ResolvedSignalLinks, resolveSignalLinks } from "./signal-links/link-options.ts";
import { withoutLinks } from "./signal-links/without-links.ts";
import { type RunOptionName, resolveRunOptions } from "./starting/run-option-parameters.ts";
import { createSubjects, type Subjects } from "./subjects/subjects.ts";
import { checkedProxies } from "./trusted-proxies.ts";
import { Waits } from "./waits/waits.ts";

/** Options with every default filled in and every list compiled. */
export interface ResolvedOptions extends Limits {
  readonly controlPlane: ControlPlane;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly endpoints: readonly Endpoint[];
  /** As the operator wrote them; undefined allows all. */
  readonly allowlists: Readonly<
    Record<"task" | "trigger" | "app" | "build" | "prefetch", readonly string[] | undefined>
  >;
  readonly taskAllowed: Matcher;
  /** Whether runs have to be looked up before they may be touched. */
  readonly runsFenced: boolean;
  /** The names alone of the tasks in the allowlist; undefined without one. */
  readonly taskNames: readonly string[] | undefined;
  readonly appAllowed: Matcher;
  /** Whether apps are allowed one by one. */
  readonly appsListed: boolean;
  readonly triggerAllowed: Matcher;
  /** Whether triggers are allowed one by one. */
  readonly triggersListed: boolean;
  /** What of an image is not allowed. */
  readonly refusedOfImage: BuildMatcher;
  /** Whether what images are built of is allowed one by one. */
  readonly imagesListed: boolean;
  readonly runScope: "webhook" | "task";
  /** What callers may say about runs. */
  readonly runOptions: readonly RunOptionName[];
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
  /** Of this webhook: who may work against the control plane now. */
  readonly slots: Slots;
  readonly waits: Waits;
  readonly hooks: readonly ResolvedHook[];
  /** Subjects that may see what others did. */
  readonly inspectors: ReadonlySet<string>;
  readonly callbacks: ResolvedCallbacks | undefined;
  readonly rateLimits: ResolvedRateLimits | undefined;
  readonly audit: ResolvedAudit | undefined;
  readonly tracing: boolean;
  readonly metricsToken: string | undefined;
  readonly allowAnonymous: boolean;
  readonly logger: FastifyBaseLogger | undefined;
  /** Whose the credentials of callers are. */
  readonly subjects: Subjects;
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
  refuseOwnControlPlane(settings.callbacks, controlPlane);
  const scoped = controlPlane.project !== undefined && controlPlane.domain !== undefined;
  if (!scoped && endpoints.some((endpoint) => needsScope(endpoint, runScope))) {
    throw new FlyteError(
      "invalid_config",
      "The control plane has no project and domain for runs. Give both to createControlPlane.",
    );
  }
  const slots = new Slots({
    most: settings.maxConcurrentRequests,
    mostWaiting: settings.maxQueuedRequests,
    longestMs: settings.queueTimeoutMs,
  });
  const waits = new Waits(controlPlane.runs, settings.maxWaiters);
  const { bodyLimitBytes } = settings;
  const hooks = resolveHooks(options.hooks, { controlPlane, bodyLimitBytes, runScope });
  return { controlPlane, ...settings, subjects: createSubjects(controlPlane), slots, waits, hooks };
}

const prefetchTaskName = "prefetch.hf_model";
const defaultPrefetchTasks: readonly TaskRef[] = [
  { name: prefetchTaskName },
  { name: prefetchTaskName, project: "system", domain: "production" },
];

/** Options that need no control plane, with every default filled in and every list compiled. */
export type ResolvedSettings = Omit<
  ResolvedOptions,
  "controlPlane" | "subjects" | "slots" | "waits" | "hooks"
>;

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
  checkHooks(options.hooks);
  const limits = resolveLimits(options);
  const endpoints = withoutLinks(selectEndpoints(options), options);
  return {
    name,
    title: options.title ?? `Flyte Webhook: ${name}`,
    description: options.description ?? "A webhook service for Flyte operations",
    endpoints,
    allowlists: {
      task: options.taskAllowlist,
      trigger: options.triggerAllowlist,
      app: options.appAllowlist,
      build: options.buildAllowlist,
      prefetch: options.prefetchAllowlist,
    },
    taskAllowed: compileAllowlist("task", options.taskAllowlist),
    runsFenced: options.taskAllowlist !== undefined,
    taskNames: allowedNames(options.taskAllowlist),
    appAllowed: compileAllowlist("app", options.appAllowlist),
    appsListed: options.appAllowlist !== undefined,
    triggerAllowed: compileAllowlist("trigger", options.triggerAllowlist),
    triggersListed: options.triggerAllowlist !== undefined,
    refusedOfImage: compileBuildAllowlist(options.buildAllowlist),
    imagesListed: options.buildAllowlist !== undefined,
    runScope,
    runOptions: resolveRunOptions(options),
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
    callbacks: resolveCallbacks(options.callbacks),
    inspectors: checkedInspectors(options.inspectors),
    rateLimits: resolveRateLimits(options.rateLimits),
    audit: resolveAudit(options.audit),
    tracing: options.tracing ?? false,
    metricsToken: checkedMetricsToken(options.metricsToken),
    allowAnonymous: options.allowAnonymous ?? false,
    logger: options.logger,
  };
}
