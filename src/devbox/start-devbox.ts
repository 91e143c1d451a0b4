import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { createAppRoutes } from "./apps/app-routes.ts";
import { wallClock } from "./apps/clock.ts";
import { createAppRuntime } from "./apps/create-app-runtime.ts";
import { deriveTokenKey } from "./auth/access-token.ts";
import { deriveAttemptKey, formatAttemptToken } from "./auth/attempt-token.ts";
import { createAuthorizer } from "./auth/create-authorizer.ts";
import { anonymousCaller } from "./auth/seed.ts";
import { createEngine } from "./engine/create-engine.ts";
import { createExecutor } from "./executor/create-executor.ts";
import { startGateway } from "./gateway/start-gateway.ts";
import { createScheduler } from "./scheduler/create-scheduler.ts";
import { createSecretMounter } from "./secrets/create-secret-mounter.ts";
import { createConsole } from "./server/console-pages.ts";
import { type DevboxLogger, silentLogger } from "./server/logger.ts";
import { type Request, type Response, sendText } from "./server/node-http.ts";
import { publicOrigin } from "./server/public-origin.ts";
import { createRequestListener } from "./server/request-listener.ts";
import { createRpcHandler } from "./server/rpc-handler.ts";
import { startServer } from "./server/start-server.ts";
import { parseWebhookAddress } from "./server/webhook-address.ts";
import { createWebhookLink } from "./server/webhook-link.ts";
import { createServices } from "./services/create-services.ts";
import { fireTrigger } from "./services/fire-trigger.ts";
import { createTurns } from "./services/turns.ts";
import { openState, type State } from "./state.ts";

/** How a command of tasks is run. */
export interface DevboxLauncher {
  /** The program and its first arguments, in place of the command. */
  readonly argv: readonly string[];
  /** Whether it speaks the worker protocol, so that processes can be kept and reused. */
  readonly warm: boolean;
}

/** How to start a devbox. */
export interface DevboxOptions {
  /** Folder to keep everything in, or `"memory"` for a state that is gone after closing. */
  readonly state: string;
  /** 0 takes a free port. @default 30080 */
  readonly port?: number;
  /** Port of the gateway to the apps. @default 30081, or a free one where `port` is 0 */
  readonly gatewayPort?: number;
  /** Address to bind. Anything but loopback opens the devbox to the network. @default "127.0.0.1" */
  readonly host?: string;
  /**
   * Whether requests without a credential are served, as the user `anonymous`, who may deploy and
   * run everywhere: for clients that send none. @default false
   */
  readonly allowAnonymous?: boolean;
  /** How commands of tasks are run, by command name. @default {} */
  readonly launchers?: Readonly<Record<string, DevboxLauncher>>;
  /**
   * Address of a webhook in front of this devbox, or what tells it once it is known. The console asks it at
   * `/webhook/inspect`, which is passed on with the caller's own credential; nothing else of it is reached there. Plain HTTP
   * stays on this machine. @default none
   */
  readonly webhookUrl?: string | (() => string | undefined);
  /** Where to log, for example a pino logger. @default nowhere */
  readonly log?: DevboxLogger;
}

/** A running devbox. */
export interface Devbox extends AsyncDisposable {
  /** Base URL of the control plane, without a trailing slash. */
  readonly url: string;
  /** Base URL of the gateway; apps are below it by host name, as `http://NAME-PROJECT-DOMAIN.localhost:30081`. */
  readonly gatewayUrl: string;
  /** API keys of the seeded users alice and bob. */
  readonly keys: Readonly<Record<string, string>>;
  /** Stops accepting, ends streams and tasks, writes what is pending. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts an embedded Flyte 2 control plane in this process.
 *
 * @example
 * ```ts
 * await using devbox = await startDevbox({ state: "memory", port: 0 });
 * console.log(devbox.url, devbox.keys["alice"]);
 * ```
 *
 * @throws FlyteError `invalid_config` when the port or the state folder is in use, or `webhookUrl` is none
 */
export async function startDevbox(options: DevboxOptions): Promise<Devbox> {
  const parts: { close(): Promise<void> }[] = [];
  const { webhookUrl } = options;
  if (typeof webhookUrl === "string") parseWebhookAddress(webhookUrl);
  try {
    const state = await openState(options.state);
    parts.push(state);
    const started = await startParts(options, state, parts);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= closeAll(parts);
      return closing;
    };
    return { ...started, keys: state.keys, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
}

/** Adds what it starts to `parts` in the order that {@link closeAll} reverses. */
async function startParts(
  options: DevboxOptions,
  state: State,
  parts: { close(): Promise<void> }[],
): Promise<Pick<Devbox, "url" | "gatewayUrl">> {
  const { port = 30_080, host = "127.0.0.1", log = silentLogger, launchers = {} } = options;
  const { gatewayPort = port === 0 ? 0 : 30_081 } = options;
  const { database, blobs, uploadKey, secretKey } = state;
  const shutdown = new AbortController();
  // Every call in flight listens to it.
  setMaxListeners(0, shutdown.signal);
  let listener = answerStarting;
  const server = await startServer({
    host,
    port,
    listener: (request, response) => listener(request, response),
    onClosing: () =>
      shutdown.abort(new ConnectError("The devbox is shutting down.", Code.Unavailable)),
  });
  parts.push(server);
  const gateway = await startGateway({ host, port: gatewayPort, log });
  parts.push(gateway);

  const executor = createExecutor({
    stateDir: join(state.folder, "executor"),
    controlPlaneUrl: server.url,
    launchers,
    // The first task finds a process that is up, or nearly; listening does not wait for it.
    warmUp: 1,
  });
  const secrets = createSecretMounter({ database, secretKey });
  const secretsDir = join(state.folder, "executor", "secrets");
  const anonymous = options.allowAnonymous === true ? anonymousCaller : undefined;
  const attemptKey = deriveAttemptKey(secretKey);
  const engine = createEngine({
    database,
    executor,
    secrets,
    secretsDir,
    log,
    // Where everybody is let in, tasks are too, as on a control plane without authentication.
    ...(anonymous === undefined && {
      token: (action, attempt) => formatAttemptToken(attemptKey, action, attempt),
    }),
  });
  const routes = createAppRoutes({ gatewayUrl: gateway.url });
  const appRuntime = createAppRuntime({
    database,
    stateDir: join(state.folder, "apps"),
    rawDataUri: `${blobs.root}/apps`,
    controlPlaneUrl: server.url,
    endpointPattern: ({ project, domain }) =>
      `http://{app_fqdn}-${project}-${domain}.${new URL(gateway.url).host}`,
    launchers,
    routes,
    secrets,
    log,
  });
  const authorizer = createAuthorizer(database);
  const inTurn = createTurns();
  const scheduler = createScheduler({
    database,
    fire: (trigger, at, note) =>
      fireTrigger(trigger, { at, note }, { database, authorizer, engine, blobs, inTurn }),
    clock: wallClock,
    log,
  });
  // Closed after the servers, whose calls use them.
  parts.splice(1, 0, executor, engine, appRuntime, scheduler);

  const authentication = {
    database,
    anonymous,
    attemptKey,
    tokenKey: deriveTokenKey(secretKey),
  };
  const rpc = createRpcHandler({
    authentication,
    log,
    shutdownSignal: shutdown.signal,
    services: createServices({
      database,
      authorizer,
      blobs,
      uploadKey,
      secretKey,
      engine,
      executor,
      appRuntime,
      routes,
      inTurn,
      onTriggerChange: scheduler.look,
      baseUrl: publicOrigin,
    }),
  });
  await engine.start();
  await appRuntime.start();
  scheduler.start();
  gateway.serve({ runtime: appRuntime, routes, authentication, authorizer });
  listener = createRequestListener({
    boundHost: host,
    rpc,
    apiKeys: { database, authorizer, authentication },
    tokens: { database, tokenKey: authentication.tokenKey },
    uploads: { blobs, key: uploadKey },
    console: createConsole(),
    webhook: createWebhookLink({ address: addressOf(options.webhookUrl) }),
    isReady: () => !shutdown.signal.aborted && database.prepare("SELECT 1").get() !== undefined,
    log,
  });
  return { url: server.url, gatewayUrl: gateway.url };
}

/** Closes the last started first, each even when another fails. */
async function closeAll(parts: { close(): Promise<void> }[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts.splice(0).reverse()) {
    await part.close().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

function addressOf(url: DevboxOptions["webhookUrl"]): () => string | undefined {
  return typeof url === "function" ? url : () => url;
}

function answerStarting(_: Request, response: Response): void {
  sendText(response, 503, "The devbox is starting.\n");
}
