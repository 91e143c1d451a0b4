import type { FastifyBaseLogger } from "fastify";
import type { ControlPlane, TaskRef } from "../client/control-plane.ts";
import type { AuditOptions } from "./audit/audit-options.ts";
import type { CallbackOptions } from "./callbacks/callback-options.ts";
import type { GivenHooks } from "./hooks/resolve-hooks.ts";
import type { RateLimitOptions } from "./rate-limits/rate-limit-options.ts";
import type { EndpointSelection } from "./select-endpoints.ts";
import type { SignalLinkOptions } from "./signal-links/link-options.ts";
import type { RunOptionName } from "./starting/run-option-parameters.ts";

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
   * What callers may say about the runs that they start: `run_name`, `labels`, `env_vars`, `queue`,
   * `overwrite_cache`, `interruptible`. Variables, labels of pods and queues can change what a task does or
   * reaches, and a name that is taken tells of a run that may not be seen, so that a webhook of certain
   * tasks or triggers does not take them unless it says so.
   *
   * @default all of them; with `taskAllowlist` or `triggerAllowlist` `overwrite_cache` and `interruptible`
   */
  readonly runOptions?: readonly RunOptionName[];
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
  /** Requests that do work against the control plane at once; those beyond wait. @default 256 */
  readonly maxConcurrentRequests?: number;
  /**
   * Requests that wait for those, in the order they came, at most half of them with one credential;
   * those beyond are answered 503 `overloaded` at once.
   *
   * @default 1024
   */
  readonly maxQueuedRequests?: number;
  /** Longest such wait, in milliseconds; then 503 `overloaded`. @default 5000 */
  readonly queueTimeoutMs?: number;
  /** Connections at once; one more is closed at once. @default 10000 */
  readonly maxConnections?: number;
  /**
   * Connections at once from one address, of IPv6 from one network of 64 bits; one more is closed at once.
   * Those of `trustedProxies` have no bound of their own.
   *
   * @default no bound of its own
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * How long a connection without a request is kept open, in milliseconds. Longer than the proxy in front
   * keeps it, or that one sends requests into connections that close.
   *
   * @default 72000
   */
  readonly keepAliveTimeoutMs?: number;
  /** How long who reads an answer may take nothing of it, in milliseconds. @default 60000 */
  readonly writeTimeoutMs?: number;
  /**
   * How long `close` waits for requests that have not arrived whole, in milliseconds.
   *
   * @default 5000
   */
  readonly closeGraceMs?: number;
  /**
   * How long `close` goes on taking new requests, in milliseconds, so that load balancers notice first:
   * `/ready` answers 503 meanwhile, and each answer closes its connection. Part of `drainTimeoutMs`.
   *
   * @default 0
   */
  readonly drainDelayMs?: number;
  /**
   * Longest time that `close` takes, in milliseconds. A request that still runs then is answered with 503
   * `draining`, or cut off where its answer has begun. Below the 30 seconds that Kubernetes gives.
   *
   * @default 25000
   */
  readonly drainTimeoutMs?: number;
  /**
   * Longest time that a request with `wait` waits, in milliseconds.
   *
   * @default 60000
   */
  readonly waitLimitMs?: number;
  /**
   * Requests that wait for the end of a run at once. Those beyond are answered without waiting: 202, as when
   * their time is over.
   *
   * @default 10000
   */
  readonly maxWaiters?: number;
  /** Longest time that `call_app` gives an app, from waking it to the last byte. @default 30000 */
  readonly callTimeoutMs?: number;
  /** Longest answer of an app that `call_app` passes on, in bytes. @default 10485760 */
  readonly callResponseLimitBytes?: number;
  /**
   * Streams of events and logs (group `live`) that are open at once; those beyond are answered 503
   * `overloaded`.
   *
   * @default 1000
   */
  readonly maxStreams?: number;
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
   * address in the log and for limits of addresses. Nothing else depends on it.
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
  /**
   * Signed deliveries of others that start tasks, each at `/hooks/NAME`, with a credential of its own. A function that
   * answers them is called where the webhook is started, which is where the secrets are.
   *
   * @default none
   */
  readonly hooks?: GivenHooks;
  /** Tells others of the end of runs, where a request asks for it. @default nobody is told */
  readonly callbacks?: CallbackOptions;
  /**
   * Who may see what others did: the deliveries to hooks, replaying them, and the lines of the audit log, for the group
   * `inspect`. Subjects as `GET /me` shows them, without patterns.
   *
   * @default nobody
   */
  readonly inspectors?: readonly string[];
  /** How often callers may ask. @default no limit */
  readonly rateLimits?: RateLimitOptions;
  /** Keeps one line for each request that says who did what. @default none */
  readonly audit?: AuditOptions;
  /** Makes OpenTelemetry spans, for an SDK that the process has set up. @default false */
  readonly tracing?: boolean;
  /**
   * What `/metrics` wants to see as `Authorization: Bearer TOKEN`: at least 16 characters.
   *
   * @default none: whoever reaches the port may read the metrics where they are served
   */
  readonly metricsToken?: string;
  /**
   * Takes a control plane for ready that serves calls without a credential, where every caller is the same user.
   *
   * @default false
   */
  readonly allowAnonymous?: boolean;
  /** Gets one line for each request, without credentials or queries. @default none */
  readonly logger?: FastifyBaseLogger;
}
