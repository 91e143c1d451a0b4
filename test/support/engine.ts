import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import {
  createEngine,
  type Engine,
  type EngineOptions,
} from "../../src/devbox/engine/create-engine.ts";
import type {
  AttemptHooks,
  AttemptRequest,
  AttemptResult,
  Executor,
} from "../../src/devbox/executor/executor.ts";
import { createSecretMounter } from "../../src/devbox/secrets/create-secret-mounter.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import { listActionEvents } from "../../src/devbox/store/action-events.ts";
import { type ActionRow, findActionById, insertAction } from "../../src/devbox/store/actions.ts";
import { type Database, openDatabase } from "../../src/devbox/store/database.ts";
import { migrate } from "../../src/devbox/store/migrations.ts";
import { insertTaskSpec } from "../../src/devbox/store/tasks.ts";
import {
  ContainerSchema,
  CoreTaskMetadataSchema,
  TaskSpecSchema,
  TaskTemplateSchema,
} from "../../src/idl/tasks.ts";
import { fromPhase, toPhase } from "../../src/values/phases.ts";

export const succeeded = { kind: "succeeded", outputsUri: "file:///outputs.pb" } as const;
export const userError = { code: "ValueError", message: "no", kind: "user" } as const;
const systemError = { code: "Killed", message: "gone", kind: "system" } as const;
export const failed: AttemptResult = { kind: "failed", error: userError, retryable: true };
export const cutOff: AttemptResult = { kind: "failed", error: systemError, retryable: true };

export type Script = (request: AttemptRequest, hooks: AttemptHooks) => Promise<AttemptResult>;

/** The seam's other side, which does what the test says. */
export function scripted(script: Script): Executor & { readonly requests: AttemptRequest[] } {
  const requests: AttemptRequest[] = [];
  return {
    requests,
    run: (request, hooks) => {
      requests.push(request);
      return script(request, hooks);
    },
    async *readLines() {},
    close: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Attempts come back with the results in turn, then with success. */
export const immediately =
  (...results: readonly AttemptResult[]): Script =>
  async ({ attempt }, { onRunning }) => {
    onRunning();
    return results[attempt - 1] ?? succeeded;
  };

export const untilAborted: Script = (_, { signal, onRunning }) => {
  onRunning();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve({ kind: "aborted" }), { once: true });
  });
};

export function openStore(location = ":memory:"): Database {
  const database = openDatabase(location);
  onTestFinished(() => database.close());
  migrate(database);
  return database;
}

export async function startEngine(
  database: Database,
  executor: Executor,
  options: Partial<EngineOptions> = {},
): Promise<Engine> {
  const engine = createEngine({
    database,
    executor,
    secrets: createSecretMounter({ database, secretKey: new Uint8Array(32) }),
    secretsDir: join(tmpdir(), `flyte-engine-${randomUUID()}`),
    log: silentLogger,
    closeGraceMs: 0,
    ...options,
  });
  onTestFinished(() => engine.close());
  await engine.start();
  return engine;
}

let runs = 0;

/** Stores a queued action of a task with so many retries. */
export function store(database: Database, retries = 0, isContainer = true): ActionRow {
  const target = {
    case: "container" as const,
    value: create(ContainerSchema, { args: ["true"] }),
  };
  const spec = create(TaskSpecSchema, {
    taskTemplate: create(TaskTemplateSchema, {
      ...(isContainer ? { target } : {}),
      metadata: create(CoreTaskMetadataSchema, { retries: { retries } }),
    }),
  });
  const spec_digest = `${retries}-${isContainer}`;
  runs += 1;
  const run = `r${runs}`;
  return database.writeNow(() => {
    insertTaskSpec(database, spec_digest, toBinary(TaskSpecSchema, spec));
    return insertAction(database, {
      ...{ project: "p", domain: "d", run, name: "a0", parent: null },
      ...{ task_project: "p", task_domain: "d", task_name: "t", task_version: "v", task_type: "" },
      ...{ environment: "", function_name: "t", spec_digest, run_spec: new Uint8Array() },
      ...{ inputs_uri: "file:///inputs.pb", run_base: "file:///run", source: 0, owner: "alice" },
      ...{ created_at: Date.now(), phase: fromPhase("queued") },
    }).row;
  });
}

export async function ended(
  engine: Engine,
  database: Database,
  { id }: ActionRow,
): Promise<ActionRow> {
  return reached(engine, database, id, (row) => row.ended_at !== null);
}

/** Waits for a state that is on disk. */
export async function reached(
  engine: Engine,
  database: Database,
  id: number,
  test: (row: ActionRow) => boolean,
): Promise<ActionRow> {
  const watch = engine.changes.watch((changed) => changed.id === id, AbortSignal.timeout(60_000));
  for (;;) {
    const row = findActionById(database, id);
    if (row !== undefined && test(row)) {
      await watch.return();
      return row;
    }
    if ((await watch.next()).done) throw new Error("the action did not get there");
  }
}

/** The history of an action as text, each event with its attempt. */
export const phases = (database: Database, { id }: ActionRow): string[] =>
  listActionEvents(database, id).map(({ attempt, phase }) => `${attempt} ${toPhase(phase)}`);
