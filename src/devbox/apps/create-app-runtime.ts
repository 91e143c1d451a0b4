import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FlyteError } from "../../shared/errors.ts";
import type { Launcher } from "../executor/create-executor.ts";
import { hostEnvironment } from "../executor/environment.ts";
import { type RunningProcesses, startRunningProcesses } from "../executor/leftovers.ts";
import { createWorkFolders, type WorkFolders } from "../executor/work-folders.ts";
import type { SecretMounter } from "../secrets/secret-mounter.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { type AppRow, listAllApps } from "../store/apps.ts";
import type { Database } from "../store/database.ts";
import { AppController } from "./app-controller.ts";
import { createAppLogStore } from "./app-log-store.ts";
import type { AppRoutes } from "./app-routes.ts";
import type { AppChange, AppRuntime } from "./app-runtime.ts";
import { type Clock, systemClock } from "./clock.ts";
import { openProvenPlans, type ProvenPlans } from "./proven-plans.ts";
import type { StartReplica } from "./replica-process.ts";
import { createReplicaStarter } from "./start-replica.ts";

export interface AppRuntimeOptions {
  readonly database: Database;
  /** Folder for the work folders, logs and the record of running processes. */
  readonly stateDir: string;
  /** URL of the control plane that apps call back. */
  readonly controlPlaneUrl: string;
  /** What stands for other apps' addresses in `INTERNAL_APP_ENDPOINT_PATTERN`, `{app_fqdn}` included. */
  readonly endpointPattern: (scope: {
    readonly project: string;
    readonly domain: string;
  }) => string;
  /** How commands are run, by command name. */
  readonly launchers: Readonly<Record<string, Launcher>>;
  readonly routes: AppRoutes;
  readonly secrets: SecretMounter;
  readonly log: DevboxLogger;
  /** Times and sizes, where the defaults do not fit. */
  readonly limits?: Partial<AppLimits>;
  /**
   * URI of a folder below which apps may store what they like, without a trailing slash.
   * @default in `stateDir`
   */
  readonly rawDataUri?: string;
  /** Where the visible part of the apps' environment comes from. @default process.env */
  readonly hostEnv?: Readonly<Record<string, string | undefined>>;
  /** @default the time of this machine */
  readonly clock?: Clock;
}

/** Times in milliseconds and sizes in bytes. */
export interface AppLimits {
  /** How long a replica may take until it listens. @default 60000 */
  readonly startDeadlineMs: number;
  /** How long replicas that were replaced may work on their last requests. @default 300000 */
  readonly drainMs: number;
  /** The same for an app that is stopped or deleted. @default 10000 */
  readonly stopDrainMs: number;
  /** The same when the devbox ends. @default 2000 */
  readonly closeDrainMs: number;
  /** Time between SIGTERM and SIGKILL. @default 5000 */
  readonly killGraceMs: number;
  /** Requests that may wait for a replica of an app. @default 1000 */
  readonly maxWaiting: number;
  /** Size of a log file, of which a replica has two at most. @default 8 MiB */
  readonly maxLogFileBytes: number;
}

const defaultLimits: AppLimits = {
  startDeadlineMs: 60_000,
  drainMs: 5 * 60_000,
  stopDrainMs: 10_000,
  closeDrainMs: 2000,
  killGraceMs: 5000,
  maxWaiting: 1000,
  maxLogFileBytes: 8 * 1024 * 1024,
};

interface App {
  row: AppRow;
  readonly controller: AppController;
}

/** What there is only once the runtime has started. */
interface Started {
  readonly running: RunningProcesses;
  readonly workFolders: WorkFolders;
  readonly proven: ProvenPlans;
  readonly startReplica: StartReplica;
}

/** Makes the runtime of a state's apps; two must not share one. Nothing runs before `start`. */
export function createAppRuntime(options: AppRuntimeOptions): AppRuntime {
  const stateDir = resolve(options.stateDir);
  const limits = { ...defaultLimits, ...options.limits };
  const { clock = systemClock, routes } = options;
  const logs = createAppLogStore({
    folder: join(stateDir, "logs"),
    maxFileBytes: limits.maxLogFileBytes,
  });
  const apps = new Map<number, App>();
  /** Apps whose new row is being taken up. */
  const changing = new Set<number>();
  const leaving = new Set<Promise<void>>();
  const listeners = new Set<(change: AppChange) => void>();
  let started: Started | undefined;
  let closing: Promise<void> | undefined;

  function emit(kind: AppChange["kind"], row: AppRow): void {
    const change = { kind, row, state: apps.get(row.id)?.controller.state };
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        // What runs does not depend on who is told.
        options.log.error({ error, app: row.name }, "a change of an app was not passed on");
      }
    }
  }

  function begin(): Started {
    // First of all: what an earlier life left could still write into its folders.
    const running = startRunningProcesses(join(stateDir, "running"));
    rmSync(join(stateDir, "secrets"), { recursive: true, force: true });
    const workFolders = createWorkFolders(join(stateDir, "work"));
    const startReplica = createReplicaStarter({
      ...options,
      ...limits,
      ...{ stateDir, logs, running, workFolders },
      rawDataUri: options.rawDataUri ?? pathToFileURL(join(stateDir, "raw-data")).href,
      host: hostEnvironment(options.hostEnv ?? process.env),
    });
    const proven = openProvenPlans(join(stateDir, "proven"));
    return { running, workFolders, proven, startReplica };
  }

  function add(row: AppRow, { proven, startReplica }: Started): void {
    const { id } = row;
    logs.add(id);
    routes.set(row);
    const controller = new AppController(row, {
      ...limits,
      ...{ clock, startReplica },
      provenDigest: proven.find(id),
      keepProven(digest) {
        try {
          proven.keep(id, digest);
        } catch (error) {
          options.log.error({ error, app: row.name }, "whether an app runs was not written");
        }
      },
      onChange() {
        const app = apps.get(id);
        // Else it is being added or changed, which is told of as a whole.
        if (app !== undefined && !changing.has(id)) emit("updated", app.row);
      },
    });
    apps.set(id, { row, controller });
  }

  function apply(row: AppRow): void {
    if (started === undefined || closing !== undefined) return;
    const app = apps.get(row.id);
    if (app === undefined) {
      add(row, started);
      emit("created", row);
      return;
    }
    if (row.revision < app.row.revision) return;
    if (row.revision === app.row.revision && !app.controller.isFailing) return;
    app.row = row;
    routes.set(row);
    changing.add(row.id);
    app.controller.apply(row);
    changing.delete(row.id);
    emit("updated", row);
  }

  async function end(id: number, app: App): Promise<void> {
    await app.controller.close(limits.stopDrainMs);
    logs.remove(id);
    started?.proven.keep(id, undefined);
  }

  async function close(): Promise<void> {
    const all = [...apps.values()].map(({ controller }) => controller.close(limits.closeDrainMs));
    await Promise.all([...all, ...leaving]);
    started?.running.close();
    started?.workFolders.close();
  }

  const closeOnce = (): Promise<void> => {
    closing ??= close();
    return closing;
  };

  return {
    async start() {
      started ??= begin();
      for (const row of listAllApps(options.database)) add(row, started);
    },
    apply,
    async remove(id) {
      const app = apps.get(id);
      if (app === undefined) return;
      apps.delete(id);
      routes.delete(id);
      emit("deleted", app.row);
      const ended = end(id, app);
      leaving.add(ended);
      await ended.finally(() => leaving.delete(ended));
    },
    state: (id) => apps.get(id)?.controller.state,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async acquire(id, signal) {
      const app = apps.get(id);
      if (app === undefined) throw new FlyteError("not_found", "There is no such app.");
      return app.controller.acquire(signal);
    },
    lease: (id) => apps.get(id)?.controller.lease(),
    logs,
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}
