import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { createAppRoutes } from "../../src/devbox/apps/app-routes.ts";
import type { AppRuntime, AppState, Lease } from "../../src/devbox/apps/app-runtime.ts";
import {
  type AppRuntimeOptions,
  createAppRuntime,
} from "../../src/devbox/apps/create-app-runtime.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import { type AppRow, insertApp, updateApp } from "../../src/devbox/store/apps.ts";
import type { Database } from "../../src/devbox/store/database.ts";
import { type AppUnderTest, printCondition, toAppRow } from "./app-rows.ts";
import { openStore } from "./engine.ts";

/** A runtime on a folder and a store of its own, both of which a second one can take up. */
export interface RuntimeUnderTest {
  readonly runtime: AppRuntime;
  readonly database: Database;
  readonly stateDir: string;
  /** Stores an app as new, or as the next revision, and hands it to the runtime. */
  deploy(app: AppUnderTest): AppRow;
  /** Waits for a condition such as `ACTIVE running`. */
  reach(row: AppRow, condition: string): Promise<AppState>;
  acquire(row: AppRow): Promise<Lease>;
}

export type RuntimeSetup = Partial<AppRuntimeOptions> & {
  readonly start?: boolean;
};

export async function startRuntime(setup: RuntimeSetup = {}): Promise<RuntimeUnderTest> {
  const { start = true, ...options } = setup;
  const stateDir = options.stateDir ?? (await makeFolder());
  const database = options.database ?? openStore();
  const runtime = createAppRuntime({
    controlPlaneUrl: "http://127.0.0.1:30080",
    endpointPattern: ({ project, domain }) => `http://{app_fqdn}-${project}-${domain}.localhost`,
    launchers: {},
    routes: createAppRoutes({ gatewayUrl: "http://localhost:30081" }),
    secrets: { mount: async () => ({ env: {}, values: [], unmount: async () => undefined }) },
    log: silentLogger,
    ...options,
    ...{ stateDir, database },
    limits: { killGraceMs: 1000, closeDrainMs: 0, ...options.limits },
  });
  onTestFinished(() => runtime.close());
  if (start) await runtime.start();
  const rows = new Map<string, AppRow>();
  return {
    ...{ runtime, database, stateDir },
    deploy(app) {
      const row = store(database, rows.get(app.name ?? "hello"), app);
      rows.set(row.name, row);
      runtime.apply(row);
      return row;
    },
    async reach(row, condition) {
      await expect.poll(() => printCondition(runtime.state(row.id))).toBe(condition);
      const state = runtime.state(row.id);
      if (state === undefined) throw new Error("the app is gone");
      return state;
    },
    acquire: (row) => runtime.acquire(row.id, new AbortController().signal),
  };
}

/** A folder that is gone after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "app-runtime-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  return folder;
}

/** The message of the last condition. */
export const lastMessage = (state: AppState | undefined): string =>
  state?.conditions.at(-1)?.message ?? "";

function store(database: Database, before: AppRow | undefined, app: AppUnderTest): AppRow {
  const row = toAppRow(app, (before?.revision ?? 0) + 1, before?.id);
  return database.writeNow(() => {
    if (before === undefined) return insertApp(database, row);
    updateApp(database, row);
    return row;
  });
}

/** Runs JavaScript with Node.js. */
export const script = (code: string): readonly string[] => [process.execPath, "-e", code];

/**
 * An app that answers with JSON: its process id, its environment, arguments and working folder. `/exit`
 * ends it with code 3, `/wait` answers when `/go` was asked for.
 */
export const jsonApp: readonly string[] = script(`
  const held = [];
  require("http").createServer((request, response) => {
    console.log("got " + request.url);
    if (request.url === "/exit") process.exit(3);
    if (request.url === "/wait") return held.push(response);
    if (request.url === "/go") for (const other of held.splice(0)) other.end(String(process.pid));
    const { pid, env, argv } = process;
    response.end(JSON.stringify({ pid, env, argv: argv.slice(1), cwd: process.cwd() }));
  }).listen(process.env.PORT, "127.0.0.1", () => console.log("listening"));
`);

export interface AppAnswer {
  readonly pid: number;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly cwd: string;
}

/** Asks the replica of a lease. */
export function askText(lease: Pick<Lease, "host" | "port">, path: string = "/"): Promise<string> {
  return new Promise((resolve, reject) => {
    const { host, port } = lease;
    request({ host, port, path, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () => resolve(text)).once("error", reject);
    })
      .once("error", reject)
      .end();
  });
}

export async function ask(lease: Pick<Lease, "host" | "port">, path?: string): Promise<AppAnswer> {
  return JSON.parse(await askText(lease, path)) as AppAnswer;
}

/** Whether a process is there; one that has ended and nobody collects is not. */
export function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^ [ZX]/.test(stat.slice(stat.lastIndexOf(")") + 1));
  } catch {
    return false;
  }
}
