import { createAppCalls } from "./apps.ts";
import { CallObservers } from "./call-observer.ts";
import { Channel } from "./channel.ts";
import { createConditionCalls } from "./conditions.ts";
import { createConnectTransport } from "./connect-transport.ts";
import type { ControlPlane } from "./control-plane.ts";
import { createImageCalls } from "./images.ts";
import { type ControlPlaneOptions, resolveOptions } from "./options.ts";
import { createRunCalls } from "./runs.ts";
import { createSecretCalls } from "./secrets.ts";
import { ClusterRouter } from "./select-cluster.ts";
import type { Session } from "./session.ts";
import { rememberSession } from "./session-of.ts";
import { TaskCache } from "./task-cache.ts";
import { createTaskCalls } from "./tasks.ts";
import { createTriggerCalls } from "./triggers.ts";
import { createUserCalls } from "./users.ts";

/**
 * Prepares calls to one control plane. Nothing is sent until the first call; connections are then
 * kept open and shared by all callers, credentials never are.
 *
 * @example
 * ```ts
 * import { createControlPlane } from "flyte-webhook";
 *
 * const flyte = createControlPlane({
 *   endpoint: "https://flyte.example.com",
 *   project: "flytesnacks",
 *   domain: "development",
 * });
 * const run = await flyte.runs.start({ name: "stats.describe" }, { values: [1, 2] });
 * console.log((await flyte.runs.wait(run)).phase);
 * await flyte.close();
 * ```
 *
 * @throws FlyteError `invalid_config` naming the option, the rule and the remedy
 */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const resolved = resolveOptions(options);
  const { endpoint, authenticator, retries, allowPlaintext } = resolved;
  const { tls, maxResponseBytes, maxConnections } = resolved;

  const observers = new CallObservers();

  function open(baseUrl: string): Channel {
    const limits = { maxResponseBytes, maxConnections };
    const transport = createConnectTransport({ baseUrl, tls, ...limits });
    return new Channel({ transport, authenticator, retries, observers });
  }

  const channel = open(endpoint.baseUrl);
  const clusters = new ClusterRouter({ endpoint, allowPlaintext, channel, open });
  const session: Session = { options: resolved, channel, clusters };
  const cache = new TaskCache(resolved.taskCacheTtlMs);

  async function close(): Promise<void> {
    await Promise.all([channel.close(), clusters.close()]);
  }

  const controlPlane: ControlPlane = {
    endpoint: endpoint.baseUrl,
    org: resolved.org,
    project: resolved.project,
    domain: resolved.domain,
    tasks: createTaskCalls(session, cache),
    runs: createRunCalls(session, cache),
    users: createUserCalls(session),
    apps: createAppCalls(session),
    triggers: createTriggerCalls(session, cache),
    images: createImageCalls(session, cache),
    secrets: createSecretCalls(session),
    conditions: createConditionCalls(session),
    observe: (observer) => observers.add(observer),
    close,
    [Symbol.asyncDispose]: close,
  };
  return rememberSession(controlPlane, session);
}
