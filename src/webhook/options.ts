import type { FastifyBaseLogger } from "fastify";
import type { ControlPlane } from "../client/control-plane.ts";
import { FlyteError } from "../shared/errors.ts";
import { compileAllowlist, type Matcher } from "./allowlist.ts";
import type { Endpoint } from "./endpoint.ts";
import { type EndpointSelection, selectEndpoints } from "./select-endpoints.ts";

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
  /** Names of apps that may be touched. An empty list allows none. @default all */
  readonly appAllowlist?: readonly string[];
  /** Triggers that may be switched: `trigger` or `task/trigger`. An empty list allows none. @default all */
  readonly triggerAllowlist?: readonly string[];
  /**
   * Where runs are started: in the project and domain of the control plane (`webhook`), or in those
   * of the task (`task`).
   *
   * @default `webhook`
   */
  readonly runScope?: "webhook" | "task";
  /** Longest body that is read, in bytes. @default 1048576 */
  readonly bodyLimitBytes?: number;
  /**
   * How long `close` waits for requests that have not arrived whole, in milliseconds. Those that
   * have are always answered.
   *
   * @default 5000
   */
  readonly closeGraceMs?: number;
  /**
   * Who may read `/openapi.json`, `/docs` and `/redoc`: everybody, callers with a credential, or
   * nobody.
   *
   * @default `public`
   */
  readonly docs?: "public" | "protected" | "off";
  /** Gets one line for each request, without credentials or queries. @default none */
  readonly logger?: FastifyBaseLogger;
}

/** Options with every default filled in and every list compiled. */
export interface ResolvedOptions {
  readonly controlPlane: ControlPlane;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly endpoints: readonly Endpoint[];
  readonly taskAllowed: Matcher;
  /** Whether runs have to be looked up before they may be touched. */
  readonly runsFenced: boolean;
  readonly appAllowed: Matcher;
  readonly triggerAllowed: Matcher;
  readonly runScope: "webhook" | "task";
  readonly bodyLimitBytes: number;
  readonly closeGraceMs: number;
  readonly docs: "public" | "protected" | "off";
  readonly logger: FastifyBaseLogger | undefined;
}

function needsScope(endpoint: Endpoint, runScope: "webhook" | "task"): boolean {
  return endpoint.fence === "run" || (endpoint.name === "run_task" && runScope === "webhook");
}

/** Fills the defaults in. @throws FlyteError `invalid_config` naming the option and the remedy */
export function resolveOptions(options: WebhookOptions): ResolvedOptions {
  const { controlPlane, name, runScope = "webhook", bodyLimitBytes = 1024 * 1024 } = options;
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    throw new FlyteError(
      "invalid_config",
      `The name "${name}" must consist of lower case letters, digits and dashes, begin and end with a letter or digit, and have at most 63 characters.`,
    );
  }
  if (!Number.isSafeInteger(bodyLimitBytes) || bodyLimitBytes < 1) {
    throw new FlyteError("invalid_config", "bodyLimitBytes must be a whole number above 0.");
  }
  const { closeGraceMs = 5_000 } = options;
  if (!Number.isSafeInteger(closeGraceMs) || closeGraceMs < 1 || closeGraceMs > 3_600_000) {
    throw new FlyteError(
      "invalid_config",
      "closeGraceMs must be a whole number from 1 to 3600000.",
    );
  }
  const endpoints = selectEndpoints(options);
  const scoped = controlPlane.project !== undefined && controlPlane.domain !== undefined;
  if (!scoped && endpoints.some((endpoint) => needsScope(endpoint, runScope))) {
    throw new FlyteError(
      "invalid_config",
      "The control plane has no project and domain for runs. Give both to createControlPlane.",
    );
  }
  return {
    controlPlane,
    name,
    title: options.title ?? `Flyte Webhook: ${name}`,
    description: options.description ?? "A webhook service for Flyte operations",
    endpoints,
    taskAllowed: compileAllowlist("task", options.taskAllowlist),
    runsFenced: options.taskAllowlist !== undefined,
    appAllowed: compileAllowlist("app", options.appAllowlist),
    triggerAllowed: compileAllowlist("trigger", options.triggerAllowlist),
    runScope,
    bodyLimitBytes,
    closeGraceMs,
    docs: options.docs ?? "public",
    logger: options.logger,
  };
}
