import { invalidConfig } from "../app/environment/invalid-config.ts";
import type { TaskRef } from "../client/control-plane.ts";
import { printDuration } from "../shared/duration.ts";
import { printTaskName } from "../values/identifiers.ts";
import type { AuditOptions } from "./audit/audit-options.ts";
import type { WebhookOptions } from "./options.ts";
import type { RateLimitOptions } from "./rate-limits/rate-limit-options.ts";
import { toRateWords } from "./rate-limits/rate-words.ts";

/** What a webhook is, apart from where it runs. */
export type ServeSettings = Omit<WebhookOptions, "controlPlane">;

/** The arguments that say a value to `flyte-webhook serve`; undefined when they cannot. */
type Flag = (value: never) => readonly string[] | undefined;

/** Each flag takes its value after `=`, so that no value is taken for a flag. */
const one =
  (flag: string): Flag =>
  (value: string | number) => [`--${flag}=${value}`];

/** An empty list is one empty value. */
const many =
  (flag: string): Flag =>
  (values: readonly string[]) =>
    values.length === 0 ? [`--${flag}=`] : values.map((value) => `--${flag}=${value}`);

const duration =
  (flag: string): Flag =>
  (ms: number) => [`--${flag}=${printDuration(ms)}`];

const switched =
  (flag: string): Flag =>
  (on: boolean) =>
    on ? [`--${flag}`] : [];

const flags: Readonly<Record<keyof ServeSettings, Flag>> = {
  name: one("name"),
  title: one("title"),
  description: one("description"),
  endpointGroups: many("endpoint-group"),
  endpoints: many("endpoints"),
  taskAllowlist: many("task-allowlist"),
  appAllowlist: many("app-allowlist"),
  triggerAllowlist: many("trigger-allowlist"),
  buildAllowlist: many("build-allowlist"),
  prefetchAllowlist: many("prefetch-allowlist"),
  runScope: one("run-scope"),
  runOptions: many("run-options"),
  compat: one("compat"),
  docs: one("docs"),
  typedOperations: switched("typed-operations"),
  bodyLimitBytes: one("body-limit"),
  requestTimeoutMs: duration("request-timeout"),
  maxConcurrentRequests: one("max-concurrent"),
  maxQueuedRequests: one("max-queued"),
  queueTimeoutMs: duration("queue-timeout"),
  maxConnections: one("max-connections"),
  maxConnectionsPerAddress: one("address-connections"),
  keepAliveTimeoutMs: duration("keep-alive"),
  writeTimeoutMs: duration("write-timeout"),
  closeGraceMs: duration("close-grace"),
  drainDelayMs: duration("drain-delay"),
  drainTimeoutMs: duration("drain-timeout"),
  waitLimitMs: duration("wait-limit"),
  maxWaiters: one("max-waiters"),
  callTimeoutMs: duration("call-timeout"),
  callResponseLimitBytes: one("call-response-limit"),
  maxStreams: one("max-streams"),
  prefetchTask: (task: TaskRef) => {
    const { name, project, domain, version } = task;
    if (domain !== undefined && project === undefined) return undefined;
    const text = printTaskName({
      name,
      ...(project !== undefined && { project }),
      ...(domain !== undefined && { domain }),
      ...(version !== undefined && { version }),
    });
    return [`--prefetch-task=${text}`];
  },
  corsOrigins: many("cors-origin"),
  trustedProxies: many("trusted-proxy"),
  allowAnonymous: switched("allow-anonymous"),
  signalLinks: () => undefined,
  hooks: () => undefined,
  callbacks: () => undefined,
  inspectors: many("inspectors"),
  rateLimits: (limits: RateLimitOptions) =>
    toRateWords(limits)?.map((words) => `--rate-limit=${words}`),
  // A key is a secret: where the webhook runs, it comes from the environment.
  audit: ({ file, stdout, key, onFailure, durable, probes }: AuditOptions) =>
    key !== undefined || probes === true
      ? undefined
      : [
          ...(file === undefined ? [] : [`--audit-file=${file}`]),
          ...(stdout === true ? ["--audit-stdout"] : []),
          ...(durable === true ? ["--audit-durable"] : []),
          ...(onFailure === undefined ? [] : [`--audit-on-failure=${onFailure}`]),
        ],
  tracing: switched("tracing"),
  metricsToken: () => undefined,
  logger: () => undefined,
};

/**
 * The arguments by which the command `flyte-webhook` serves a webhook of these settings, `serve` the
 * first of them. No code has to travel then.
 *
 * @throws FlyteError `invalid_config` naming a setting that no argument can say
 */
export function toServeArguments(settings: ServeSettings): readonly string[] {
  const names = Object.keys(flags) as (keyof ServeSettings)[]; // All keys of a literal.
  const args = names.flatMap((name) => {
    const value = settings[name];
    if (value === undefined) return [];
    const said = flags[name](value as never); // Each flag takes the values of its own setting.
    if (said !== undefined) return said;
    throw inexpressible(settings.name, name);
  });
  return ["serve", ...args];
}

/** What keeps a webhook from being deployed by arguments alone. */
export function inexpressible(webhook: string, option: string): Error {
  return invalidConfig(
    `${option} of the webhook "${webhook}" cannot be said by arguments, which are all of it that is deployed. Leave it out, or put the code into an image and deploy with inImage.`,
  );
}
