import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Launcher } from "../executor/create-executor.ts";
import { killByToken } from "../executor/kill.ts";
import type { RunningProcesses } from "../executor/leftovers.ts";
import { type LaunchOptions, runProcess } from "../executor/process.ts";
import type { WorkFolders } from "../executor/work-folders.ts";
import type { MountedSecrets, SecretMounter } from "../secrets/secret-mounter.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { toReplicaCommand } from "./app-environment.ts";
import type { AppLogStore } from "./app-log-store.ts";
import type { AppPlan } from "./app-plan.ts";
import { findFreePort, isPortFree, type Owner } from "./listening.ts";
import { mask } from "./mask.ts";
import { describeEnd, type EndFacts } from "./replica-end.ts";
import { createReplicaOutput } from "./replica-output.ts";
import type {
  ReplicaAddress,
  ReplicaEnd,
  ReplicaHooks,
  ReplicaRequest,
  StartReplica,
} from "./replica-process.ts";
import { waitForListener } from "./wait-for-listener.ts";

export interface ReplicaStarterOptions {
  readonly stateDir: string;
  /** URI below which apps may store what they like, without a trailing slash. */
  readonly rawDataUri: string;
  readonly controlPlaneUrl: string;
  readonly endpointPattern: (scope: {
    readonly project: string;
    readonly domain: string;
  }) => string;
  readonly launchers: Readonly<Record<string, Launcher>>;
  readonly secrets: SecretMounter;
  readonly logs: AppLogStore;
  readonly running: RunningProcesses;
  readonly workFolders: WorkFolders;
  /** The visible part of the host's environment. */
  readonly host: Readonly<Record<string, string>>;
  readonly killGraceMs: number;
  readonly log: DevboxLogger;
  /** How long a replica may take until it listens. */
  readonly startDeadlineMs: number;
}

/** Makes what starts replicas as processes of this machine. */
export function createReplicaStarter(options: ReplicaStarterOptions): StartReplica {
  return (request, hooks) => {
    const stop = new AbortController();
    void runReplica(request, hooks, stop, options);
    return { end: () => stop.abort() };
  };
}

/** How long a replica that refused a connection may take to listen again. */
const RECHECK_MS = 1000;

async function runReplica(
  request: ReplicaRequest,
  hooks: ReplicaHooks,
  stop: AbortController,
  options: ReplicaStarterOptions,
): Promise<void> {
  const { name } = request;
  const mounted = await mountSecrets(request, options);
  if ("isFinal" in mounted) {
    hooks.onEnded(mounted);
    return;
  }
  let end: ReplicaEnd;
  try {
    stop.signal.throwIfAborted();
    end = describeEnd(await runMounted({ ...request, mounted }, hooks, stop, options));
  } catch (error) {
    if (!stop.signal.aborted) {
      options.log.error({ error, replica: name }, "a replica could not be started");
    }
    const reason = error instanceof Error ? error.message : String(error);
    const message = `The devbox could not start replica ${name}: ${reason}`;
    end = { substate: "unspecified", message, isFinal: false };
  }
  await mounted.unmount().catch((error: unknown) => {
    options.log.error({ error, replica: name }, "secrets of a replica were not removed");
  });
  hooks.onEnded({ ...end, message: mask(end.message, mounted.values) });
}

async function mountSecrets(
  { plan }: ReplicaRequest,
  { secrets, stateDir }: ReplicaStarterOptions,
): Promise<MountedSecrets | ReplicaEnd> {
  // In this turn the one who starts it does not listen yet.
  await Promise.resolve();
  if (plan.fault !== undefined) {
    return { substate: "crash_loop", message: plan.fault, isFinal: true };
  }
  try {
    return await secrets.mount(plan.secrets, plan, join(stateDir, "secrets"));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { substate: "secret_mount_error", message, isFinal: true };
  }
}

async function runMounted(
  request: ReplicaRequest & { readonly mounted: MountedSecrets },
  hooks: ReplicaHooks,
  stop: AbortController,
  options: ReplicaStarterOptions,
): Promise<EndFacts> {
  const { plan, name, mounted } = request;
  const { startDeadlineMs: deadlineMs, killGraceMs, launchers } = options;
  const token = randomUUID();
  const port = await findFreePort();
  const declaredPort = plan.declaredPort === port ? undefined : plan.declaredPort;
  const isDeclaredFree = declaredPort !== undefined && (await isPortFree(declaredPort));
  const { argv, env } = toReplicaCommand(plan, {
    ...{ port, token, host: options.host, secrets: mounted.env },
    controlPlaneUrl: options.controlPlaneUrl,
    endpointPattern: options.endpointPattern(plan),
    rawDataPrefix: rawDataPrefix(plan, options),
  });
  const output = createReplicaOutput(options.logs.open(request.appId, name), (error) => {
    options.log.error({ error, replica: name }, "output of a replica was not written");
  });
  const cwd = options.workFolders.take();
  options.running.add(token);
  try {
    let owner: Owner | undefined;
    let listening: Promise<ReplicaAddress | undefined> | undefined;
    const exited = new AbortController();
    const signal = AbortSignal.any([exited.signal, stop.signal]);
    const running = runProcess({
      ...{ cwd, env, token, killGraceMs, argv: launched(argv, launchers), signal: stop.signal },
      onRunning: () => undefined,
      onGroup(group) {
        const where = { port, declaredPort, deadlineMs, signal };
        owner = { group, token };
        listening = waitForListener(owner, where);
      },
      onExit() {
        exited.abort();
        hooks.onExit();
      },
      onOutput: output.push,
    });
    const address = await listening;
    // The process may have ended while it was looked for.
    const isReady = address !== undefined && !exited.signal.aborted;
    const isLate = listening !== undefined && address === undefined && !signal.aborted;
    if (isReady && owner !== undefined) {
      hooks.onReady(address, lookAgain(owner, address, signal));
    }
    if (isLate) stop.abort();
    const end = await running;
    killByToken(new Set([token]));
    return {
      ...{ name, end, isReady, declaredPort, isDeclaredFree },
      tail: output.end(),
      lateAfterMs: isLate ? deadlineMs : undefined,
    };
  } finally {
    output.end();
    options.running.remove(token);
    await options.workFolders.giveBack(cwd);
  }
}

function lookAgain(
  owner: Owner,
  { host, port }: ReplicaAddress,
  signal: AbortSignal,
): () => Promise<boolean> {
  const where = { port, declaredPort: undefined, deadlineMs: RECHECK_MS, signal };
  return async () => (await waitForListener(owner, where))?.host === host;
}

/** Its folder is there when the app may look for it. */
function rawDataPrefix(
  { project, domain, name }: AppPlan,
  { rawDataUri }: ReplicaStarterOptions,
): string {
  const uri = [rawDataUri, ...[project, domain, name].map(encodeURIComponent)].join("/");
  mkdirSync(fileURLToPath(uri), { recursive: true, mode: 0o700 });
  return uri;
}

function launched(
  argv: readonly string[],
  launchers: ReplicaStarterOptions["launchers"],
): LaunchOptions["argv"] {
  const [command = "", ...args] = argv;
  const launcher = Object.hasOwn(launchers, command) ? launchers[command] : undefined;
  const [program = command, ...first] = launcher?.argv ?? [];
  return [program, ...first, ...args];
}
