import { type Command, Option } from "commander";
import { parseTaskName, type TaskReference } from "../values/identifiers.ts";
import { type AuditCommandOptions, auditOptions } from "./audit-log.ts";
import { type LimitCommandOptions, limitOptions } from "./limit-options.ts";
import { type LogLevel, logLevels } from "./log-levels.ts";
import { parseCount, parseDuration, refuseAsArgument } from "./parse-argument.ts";
import { defaultState } from "./state.ts";

/** Which control plane a command talks to, and as whom. */
export interface ConnectionOptions {
  readonly endpoint?: string;
  readonly config?: string;
  readonly org?: string;
  readonly project?: string;
  readonly domain?: string;
  readonly insecure?: boolean;
  readonly state: string;
  readonly user: string;
  readonly json?: boolean;
}

/** How a task is named on the command line. */
export const taskForms = "NAME, PROJECT/NAME or DOMAIN/PROJECT/NAME, with @VERSION for one version";

/** Adds what every command needs that talks to a control plane. */
export function addConnectionOptions(command: Command): void {
  if (command.options.every(({ long }) => long !== "--json")) {
    command.addOption(new Option("--json", "print JSON"));
  }
  for (const option of connectionOptions()) command.addOption(option);
}

/** Gathers the values of an option that may be repeated. */
export function collect(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}

function connectionOptions(): readonly Option[] {
  const options = [
    new Option(
      "--endpoint <endpoint>",
      "control plane, such as localhost:30080 or https://flyte.example.com",
    ),
    new Option("--config <file>", "config file, instead of the one that is found"),
    new Option("--insecure", "plain HTTP to an endpoint that names no scheme"),
    new Option("--org <org>", "organisation"),
    new Option("-p, --project <project>", "project"),
    new Option("-d, --domain <domain>", "domain"),
    new Option(
      "--state <folder>",
      "folder of the devbox to talk to when no endpoint is configured",
    ).default(defaultState(), "~/.flyte-webhook/devbox"),
    new Option(
      "--user <user>",
      "devbox user whose key to use when FLYTE_API_KEY is not set",
    ).default("alice"),
  ];
  return options.map((option) => option.helpGroup("Connection options:"));
}

/** For a control plane that `serve` would otherwise refuse to stand in front of. */
export function anonymousBackendOption(): Option {
  return new Option(
    "--allow-anonymous",
    "start in front of a control plane that serves calls without a credential",
  );
}

/** What the webhook exposes. */
export interface WebhookCommandOptions extends AuditCommandOptions, LimitCommandOptions {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly endpointGroup?: readonly string[];
  readonly endpoints?: readonly string[];
  readonly taskAllowlist?: readonly string[];
  readonly appAllowlist?: readonly string[];
  readonly triggerAllowlist?: readonly string[];
  readonly buildAllowlist?: readonly string[];
  readonly prefetchAllowlist?: readonly string[];
  readonly inspectors?: readonly string[];
  readonly runScope: "webhook" | "task";
  readonly runOptions?: readonly string[];
  readonly docs: "public" | "protected" | "off";
  readonly compat?: "upstream";
  readonly corsOrigin?: readonly string[];
  readonly trustedProxy?: readonly string[];
  readonly bodyLimit?: number;
  readonly waitLimit?: number;
  readonly maxWaiters?: number;
  readonly closeGrace?: number;
  readonly drainDelay?: number;
  readonly drainTimeout?: number;
  readonly tracing?: boolean;
  readonly callTimeout?: number;
  readonly callResponseLimit?: number;
  readonly maxStreams?: number;
  readonly prefetchTask?: TaskReference;
  readonly requestTimeout?: number;
  readonly typedOperations?: boolean;
  readonly logLevel: LogLevel;
}

/** For the commands that serve the webhook themselves. */
export function signalUrlOption(): Option {
  return new Option(
    "--signal-url <url>",
    "make one-use links under this address of the webhook: docs/conditions.md explains it",
  ).helpGroup("Webhook options:");
}

/** What of the control plane may be used. */
export function allowlistOptions(): readonly Option[] {
  return [
    new Option(
      "--task-allowlist <tasks...>",
      "tasks that may be used: NAME, PROJECT/NAME or DOMAIN/PROJECT/NAME",
    ),
    new Option("--app-allowlist <apps...>", "apps that may be used"),
    new Option("--trigger-allowlist <triggers...>", "triggers that may be used: NAME or TASK/NAME"),
  ].map((option) => option.argParser(collectWords));
}

export function webhookOptions(): readonly Option[] {
  const options = [
    new Option("--name <name>", "name of the webhook").default("flyte-webhook"),
    new Option("--title <title>", "title of its documentation (Flyte Webhook: NAME)"),
    new Option("--description <text>", "what it is for, in its documentation"),
    new Option(
      "--endpoint-group <groups...>",
      "serve these groups: core task run app trigger build prefetch all, and fire, signal, wait, live, ops, inspect",
    ).argParser(collectWords),
    new Option(
      "--endpoints <names...>",
      "serve these endpoints alone, such as health run_task get_run",
    ).argParser(collectWords),
    ...allowlistOptions(),
    new Option(
      "--build-allowlist <parts...>",
      "what images may be built of: base:IMAGE, pip:NAME or apt:NAME, with * in it",
    ).argParser(collectWords),
    new Option(
      "--prefetch-allowlist <models...>",
      "models that may be fetched: ORGANISATION/NAME with * in it, and secret:KEY for tokens",
    ).argParser(collectWords),
    new Option(
      "--inspectors <subjects...>",
      "who may see deliveries and the audit log, and replay: users as GET /me shows them",
    ).argParser(collectWords),
    new Option(
      "--run-scope <scope>",
      "where runs are created: the webhook's project and domain, or the task's",
    )
      .choices(["webhook", "task"])
      .default("webhook"),
    new Option(
      "--run-options <names...>",
      "what callers may say about runs: run_name labels env_vars queue overwrite_cache interruptible",
    ).argParser(collectWords),
    new Option("--docs <who>", "who may read /docs, /redoc and /openapi.json")
      .choices(["public", "protected", "off"])
      .default("public"),
    new Option(
      "--compat <original>",
      "answer with the statuses and bodies of Flyte's Python webhook",
    ).choices(["upstream"]),
    new Option(
      "--cors-origin <origins...>",
      "origins whose pages may call the webhook, such as https://app.example.com",
    ).argParser(collectWords),
    new Option(
      "--trusted-proxy <addresses...>",
      "proxies in front, whose X-Forwarded-For is believed for the log",
    ).argParser(collectWords),
    new Option("--body-limit <bytes>", "longest body that is read, in bytes (1 MiB)").argParser(
      parseCount,
    ),
    new Option(
      "--wait-limit <duration>",
      "longest time a request with `wait` waits, such as 5m (60s)",
    ).argParser(parseDuration),
    new Option(
      "--max-waiters <count>",
      "requests that wait for runs at once; those beyond are answered without waiting (10000)",
    ).argParser(parseCount),
    new Option(
      "--call-timeout <duration>",
      "longest time that call_app gives an app (30s)",
    ).argParser(parseDuration),
    new Option(
      "--close-grace <duration>",
      "how long a stop waits for requests that have not arrived whole (5s)",
    ).argParser(parseDuration),
    new Option(
      "--drain-delay <duration>",
      "how long a stop goes on taking requests, not ready any more, so that load balancers notice (0s)",
    ).argParser(parseDuration),
    new Option(
      "--drain-timeout <duration>",
      "longest time for a stop, then requests that run are answered 503 (25s)",
    ).argParser(parseDuration),
    new Option("--tracing", "make OpenTelemetry spans: docs/operations.md explains it"),
    new Option(
      "--call-response-limit <bytes>",
      "longest answer of an app that call_app passes on, in bytes (10 MiB)",
    ).argParser(parseCount),
    new Option(
      "--max-streams <count>",
      "streams of events and logs that are open at once; those beyond are answered 503 (1000)",
    ).argParser(parseCount),
    new Option(
      "--prefetch-task <task>",
      `the task that fetches models: ${taskForms} (prefetch.hf_model, else that of project system)`,
    ).argParser(parseTask),
    new Option(
      "--request-timeout <duration>",
      "longest time for a request to arrive (60s)",
    ).argParser(parseDuration),
    new Option(
      "--typed-operations",
      "describe allowlisted tasks one by one at /openapi.json?tasks=true",
    ),
  ];
  return [...options, ...limitOptions(), ...auditOptions()].map((option) =>
    option.helpGroup("Webhook options:"),
  );
}

/** Gathers the values of an option that may have several; an empty one stands for none at all. */
export function collectWords(value: string, all: readonly string[] = []): readonly string[] {
  return value === "" ? all : [...all, value];
}

function parseTask(text: string): TaskReference {
  return refuseAsArgument(() => parseTaskName(text));
}

/** What `--log-level` may be, with the command's own default. */
export function logLevelOption(byDefault: LogLevel): Option {
  return new Option("--log-level <level>", "what is logged to standard error, as JSON lines")
    .choices(logLevels)
    .default(byDefault);
}
