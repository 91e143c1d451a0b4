import type { EndpointGroup, EndpointName } from "../webhook/endpoint.ts";
import type { WebhookOptions } from "../webhook/options.ts";
import type { RunOptionName } from "../webhook/starting/run-option-parameters.ts";
import { toAudit } from "./audit-log.ts";
import { toRateLimits } from "./limit-options.ts";
import type { WebhookCommandOptions } from "./options.ts";

/** What the command's options say the webhook is. */
export function toWebhookSettings(
  options: WebhookCommandOptions,
): Omit<WebhookOptions, "controlPlane" | "logger"> {
  return {
    name: options.name,
    runScope: options.runScope,
    docs: options.docs,
    ...given({
      title: options.title,
      description: options.description,
      // Names are text here; createWebhook refuses unknown ones and names the nearest.
      endpointGroups: options.endpointGroup as readonly EndpointGroup[] | undefined,
      endpoints: options.endpoints as readonly EndpointName[] | undefined,
      taskAllowlist: options.taskAllowlist,
      appAllowlist: options.appAllowlist,
      triggerAllowlist: options.triggerAllowlist,
      buildAllowlist: options.buildAllowlist,
      prefetchAllowlist: options.prefetchAllowlist,
      inspectors: options.inspectors,
      // Names are text here; createWebhook refuses unknown ones.
      runOptions: options.runOptions as readonly RunOptionName[] | undefined,
      compat: options.compat,
      corsOrigins: options.corsOrigin,
      trustedProxies: options.trustedProxy,
      bodyLimitBytes: options.bodyLimit,
      waitLimitMs: options.waitLimit,
      maxWaiters: options.maxWaiters,
      closeGraceMs: options.closeGrace,
      drainDelayMs: options.drainDelay,
      drainTimeoutMs: options.drainTimeout,
      tracing: options.tracing,
      audit: toAudit(options),
      callTimeoutMs: options.callTimeout,
      callResponseLimitBytes: options.callResponseLimit,
      maxStreams: options.maxStreams,
      requestTimeoutMs: options.requestTimeout,
      maxConcurrentRequests: options.maxConcurrent,
      maxQueuedRequests: options.maxQueued,
      queueTimeoutMs: options.queueTimeout,
      maxConnections: options.maxConnections,
      maxConnectionsPerAddress: options.addressConnections,
      keepAliveTimeoutMs: options.keepAlive,
      writeTimeoutMs: options.writeTimeout,
      rateLimits: toRateLimits(options),
      prefetchTask: options.prefetchTask,
      typedOperations: options.typedOperations,
    }),
  };
}

/** Without the options that were not given. */
function given<Options extends object>(
  options: Options,
): { [Name in keyof Options]?: Exclude<Options[Name], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  // Only undefined values were dropped.
  return Object.fromEntries(entries) as ReturnType<typeof given<Options>>;
}
