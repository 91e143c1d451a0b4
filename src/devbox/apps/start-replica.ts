import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { FlyteError } from "../../shared/errors.ts";
import { createCapture } from "../executor/capture.ts";
import type { Launcher } from "../executor/create-executor.ts";
import { killByToken } from "../executor/kill.ts";
import type { RunningProcesses } from "../executor/leftovers.ts";
import { type LaunchOptions, runProcess } from "../executor/process.ts";
import type { WorkFolders } from "../executor/work-folders.ts";
import type { MountedSecrets, SecretMounter } from "../secrets/secret-mounter.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { toReplicaCommand } from "./app-environment.ts";
import type { AppLogStore } from "./app-log-store.ts";
import { findFreePort, findListener, isPortFree } from "./listening.ts";
import { mask } from "./mask.ts";
import { describeEnd, type EndFacts } from "./replica-end.ts";
import type {
  ReplicaAddress,
  ReplicaEnd,
  ReplicaHooks,
  ReplicaRequest,
  StartReplica,
} from "./replica-process.ts";

export interface ReplicaStarterOptions {
  readonly stateDir: string;
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

const TAIL_LINES = 10;
const FIRST_PROBE_MS = 10;
const MAX_PROBE_MS = 100;

/** Makes what starts replicas as processes of this machine. */
export function createReplicaStarter(options: ReplicaStarterOptions): StartReplica {
  return (request, hooks) => {
    const stop = new AbortController();
    void runReplica(request, hooks, stop, options);
    return { end: () => stop.abort() };
  };
}

async function runReplica(
  request: ReplicaRequest,
  hooks: ReplicaHooks,
  stop: AbortController,
  options: ReplicaStarterOptions,
): Promise<void> {
  let mounted: MountedSecrets | undefined;
  let end: ReplicaEnd;
  try {
    const { plan, name } = request;
    if (plan.fault !== undefined) throw new FlyteError("invalid_input", plan.fault);
    const folder = join(options.stateDir, "secrets", name);
    mounted = await options.secrets.mount(plan.secrets, plan, folder);
    stop.signal.throwIfAborted();
    end = describeEnd(await runMounted(request, hooks, stop, { ...options, mounted }));
  } catch (error) {
    end = startFailure(error);
  }
  try {
    await mounted?.unmount();
  } catch (error) {
    options.log.error({ error, replica: request.name }, "secrets of a replica were not removed");
  }
  hooks.onEnded({ ...end, message: mask(end.message, mounted?.values ?? []) });
}

async function runMounted(
  { appId, plan, name }: ReplicaRequest,
  hooks: ReplicaHooks,
  stop: AbortController,
  options: ReplicaStarterOptions & { readonly mounted: MountedSecrets },
): Promise<EndFacts> {
  const port = await findFreePort();
  const { declaredPort } = plan;
  const wasDeclaredFree =
    declaredPort !== undefined && declaredPort !== port && (await isPortFree(declaredPort));
  const token = randomUUID();
  const rawData = join(options.stateDir, "raw-data", String(appId));
  const { argv, env } = toReplicaCommand(plan, {
    ...options,
    ...{ port, token, secrets: options.mounted.env },
    endpointPattern: options.endpointPattern(plan),
    rawDataPrefix: pathToFileURL(rawData).href,
  });
  const log = options.logs.open(appId, name);
  const tail: string[] = [];
  const capture = createCapture({
    maxBytes: Number.POSITIVE_INFINITY,
    onLines(lines) {
      log.append(lines);
      tail.push(...lines.slice(-TAIL_LINES).map(({ message }) => message));
      tail.splice(0, tail.length - TAIL_LINES);
    },
  });
  const cwd = options.workFolders.take();
  options.running.add(token);
  let group: number | undefined;
  let isReady = false;
  let isLate = false;
  const exited = new AbortController();
  try {
    const running = runProcess({
      ...{ cwd, env, token, argv: launched(argv, options.launchers) },
      signal: stop.signal,
      killGraceMs: options.killGraceMs,
      onRunning: () => undefined,
      onGroup: (started) => {
        group = started;
      },
      onExit() {
        exited.abort();
        hooks.onExit();
      },
      onOutput: (stream, chunk) => capture.push(stream, chunk),
    });
    if (group !== undefined) {
      const ports = { port, declaredPort: wasDeclaredFree ? declaredPort : undefined };
      const signal = AbortSignal.any([exited.signal, stop.signal]);
      const address = await probe({ group, token }, ports, options.startDeadlineMs, signal);
      isReady = address !== undefined;
      if (address !== undefined) hooks.onReady(address);
      else if (!signal.aborted) {
        isLate = true;
        stop.abort();
      }
    }
    const end = await running;
    killByToken(new Set([token]));
    capture.end();
    const { startDeadlineMs } = options;
    return {
      ...{ name, end, tail, isReady, port, declaredPort, wasDeclaredFree },
      lateAfterMs: isLate ? startDeadlineMs : undefined,
    };
  } finally {
    log.close();
    options.running.remove(token);
    await options.workFolders.giveBack(cwd);
  }
}

/** Where it listens; undefined when it does not in time, or the signal aborts. */
async function probe(
  owner: { readonly group: number; readonly token: string },
  ports: { readonly port: number; readonly declaredPort: number | undefined },
  deadlineMs: number,
  signal: AbortSignal,
): Promise<ReplicaAddress | undefined> {
  const until = performance.now() + deadlineMs;
  const { port, declaredPort } = ports;
  for (let wait = FIRST_PROBE_MS; !signal.aborted; wait = Math.min(MAX_PROBE_MS, wait * 1.1)) {
    const host = await findListener(port, owner);
    if (host !== undefined) return { host, port, isDeclared: false };
    if (declaredPort !== undefined) {
      const declaredHost = await findListener(declaredPort, owner);
      if (declaredHost !== undefined) {
        return { host: declaredHost, port: declaredPort, isDeclared: true };
      }
    }
    if (performance.now() > until) return undefined;
    await delay(wait, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

function launched(
  argv: readonly string[],
  launchers: ReplicaStarterOptions["launchers"],
): LaunchOptions["argv"] {
  const [command = "", ...args] = argv;
  const [program = command, ...first] = Object.hasOwn(launchers, command)
    ? (launchers[command]?.argv ?? [])
    : [];
  return [program, ...first, ...args];
}

function startFailure(error: unknown): ReplicaEnd {
  if (FlyteError.is(error) && error.code === "not_found") {
    return { substate: "secret_mount_error", message: error.message, isFinal: true };
  }
  if (FlyteError.is(error) && error.code === "invalid_input") {
    return { substate: "crash_loop", message: error.message, isFinal: true };
  }
  const reason = error instanceof Error ? error.message : String(error);
  const message = `The devbox could not start a replica: ${reason}`;
  return { substate: "unspecified", message, isFinal: false };
}
