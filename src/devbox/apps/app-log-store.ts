import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AppLine, AppLogs } from "./app-runtime.ts";
import { type LogPosition, logBegunAt, logStart, ReplicaLog } from "./replica-log.ts";

export interface AppLogStoreOptions {
  /** Folder with one folder for each app, which has one for each replica. */
  readonly folder: string;
  /** Size of one log file, of which a replica has two at most. @default 8 MiB */
  readonly maxFileBytes?: number | undefined;
  /** Logs kept of an app's replicas that have ended. @default 10 */
  readonly keptLogs?: number | undefined;
}

/** Logs of all apps. */
export interface AppLogStore extends AppLogs {
  /** Takes up an app, with what an earlier life left of its logs. */
  add(id: number): void;
  /** Begins the log of a new replica. */
  open(id: number, replica: string): LogSink;
  /** Forgets an app and ends those who read its logs. */
  remove(id: number): void;
}

export interface LogSink {
  append: ReplicaLog["append"];
  close(): void;
}

interface AppEntry {
  readonly folder: string;
  readonly logs: Map<string, ReplicaLog>;
  readonly wakers: Set<() => void>;
  isRemoved: boolean;
}

export function createAppLogStore(options: AppLogStoreOptions): AppLogStore {
  const { maxFileBytes = 8 * 1024 * 1024, keptLogs = 10 } = options;
  const apps = new Map<number, AppEntry>();

  function prune({ logs }: AppEntry): void {
    const over = [...logs.values()].filter((log) => log.isOver);
    for (const log of over.slice(0, Math.max(0, over.length - keptLogs))) {
      logs.delete(log.name);
      log.remove();
    }
  }

  return {
    add(id) {
      if (apps.has(id)) return;
      const folder = join(options.folder, String(id));
      const logs = readKept(folder).map(
        (name) => [name, new ReplicaLog(name, join(folder, name), maxFileBytes)] as const,
      );
      apps.set(id, { folder, logs: new Map(logs), wakers: new Set(), isRemoved: false });
    },
    open(id, replica) {
      const app = apps.get(id);
      const log = new ReplicaLog(replica, join(options.folder, String(id), replica), maxFileBytes);
      if (app === undefined) return { append: () => undefined, close: () => undefined };
      log.open();
      app.logs.set(replica, log);
      prune(app);
      return {
        append(lines) {
          if (app.isRemoved) return;
          log.append(lines);
          for (const wake of app.wakers) wake();
        },
        close: () => log.close(),
      };
    },
    remove(id) {
      const app = apps.get(id);
      if (app === undefined) return;
      apps.delete(id);
      app.isRemoved = true;
      for (const log of app.logs.values()) log.close();
      rmSync(app.folder, { recursive: true, force: true });
      for (const wake of app.wakers) wake();
    },
    replicas: (id) => [...(apps.get(id)?.logs.keys() ?? [])],
    tail: (id, replica, signal) => tail(apps.get(id), replica, signal),
  };
}

async function* tail(
  app: AppEntry | undefined,
  replica: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<readonly AppLine[]> {
  if (app === undefined) return;
  const positions = new WeakMap<ReplicaLog, LogPosition>();
  let wake = (): void => undefined;
  const wakeUp = (): void => wake();
  app.wakers.add(wakeUp);
  signal.addEventListener("abort", wakeUp, { once: true });
  try {
    while (!signal.aborted && !app.isRemoved) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const lines = readRound(app, replica, positions);
      if (lines.length > 0) yield lines;
      else await woken;
    }
  } finally {
    app.wakers.delete(wakeUp);
    signal.removeEventListener("abort", wakeUp);
  }
}

/** Some further lines of each log, in the order of their times. */
function readRound(
  app: AppEntry,
  replica: string | undefined,
  positions: WeakMap<ReplicaLog, LogPosition>,
): AppLine[] {
  const lines: AppLine[] = [];
  for (const log of app.logs.values()) {
    if (replica !== undefined && log.name !== replica) continue;
    const { lines: read, position } = log.read(positions.get(log) ?? logStart);
    positions.set(log, position);
    for (const line of read) lines.push({ ...line, replica: log.name });
  }
  return lines.sort((a, b) => a.time.getTime() - b.time.getTime());
}

function readKept(folder: string): string[] {
  try {
    return readdirSync(folder)
      .map((name) => ({ name, begunAt: logBegunAt(join(folder, name)) }))
      .toSorted((a, b) => a.begunAt - b.begunAt)
      .map(({ name }) => name);
  } catch {
    return [];
  }
}
