import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fromPhase, isTerminal, toPhase } from "../../values/phases.ts";
import type { AttemptError, AttemptLine, AttemptResult, Executor } from "../executor/executor.ts";
import type { SecretMounter } from "../secrets/secret-mounter.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { insertActionEvent } from "../store/action-events.ts";
import {
  type ActionRow,
  findActionById,
  findOpenActions,
  updateOpenAction,
} from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { type AttemptRecord, createAttemptRecord, writeEnd } from "./attempt-record.ts";
import { Changes } from "./changes.ts";
import { afterSystemFailure, type Decision, decide } from "./decide.ts";
import { createLiveLines, type LiveLines } from "./live-lines.ts";
import { type Plan, planAttempt } from "./plan-attempt.ts";
import { runWithSecrets } from "./run-with-secrets.ts";

/** What the engine works with. */
export interface EngineOptions {
  readonly database: Database;
  readonly executor: Executor;
  readonly secrets: SecretMounter;
  /** Folder for secrets that attempts get as files; what an earlier life left there is removed. */
  readonly secretsDir: string;
  readonly log: DevboxLogger;
  /** Attempts that run at once; more wait in the order they came. @default 4 per processor, at least 8 */
  readonly maxConcurrent?: number;
  /** How long running attempts may go on after `close`, in milliseconds. @default 1000 */
  readonly closeGraceMs?: number;
}

/** Decides what runs when, and writes down how it went before anybody is told. */
export interface Engine extends AsyncDisposable {
  readonly changes: Changes;
  /** What running attempts write. */
  readonly lines: LiveLines;
  /** Takes up what an earlier life left open: queued actions run, running ones count as a system failure. */
  start(): Promise<void>;
  /** Queues an action that is stored. */
  submit(row: ActionRow): void;
  /** Ends an action as aborted, unless it has ended; the state is on disk when it resolves. */
  abort(row: ActionRow, reason: string, by: string): Promise<void>;
  /** Starts nothing more, ends what still runs after a grace time and leaves it queued for the next start. */
  close(): Promise<void>;
}

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

const interrupted: AttemptError = {
  code: "Interrupted",
  message: "The devbox was stopped while the attempt was running.",
  kind: "system",
};

const retryWriteMs = 1_000;

/** Makes the engine of a state; two must not share one. Nothing runs before `start`. */
export function createEngine(options: EngineOptions): Engine {
  const { database, log, secretsDir, closeGraceMs = 1_000 } = options;
  const maxConcurrent = options.maxConcurrent ?? Math.max(8, 4 * availableParallelism());
  const changes = new Changes();
  const lines = createLiveLines();
  const queue = new Set<number>();
  const running = new Map<number, Running>();
  const closing = new AbortController();
  let isStarted = false;
  let closed: Promise<void> | undefined;

  function fill(): void {
    for (const id of queue) {
      if (!isStarted || closing.signal.aborted || running.size >= maxConcurrent) return;
      queue.delete(id);
      const stop = new AbortController();
      const done = runAttempt(id, stop)
        .catch((error: unknown) => log.error({ err: error, action: id }, "an attempt was lost"))
        .finally(() => {
          running.delete(id);
          fill();
        });
      running.set(id, { stop, done });
    }
  }

  function submit(row: ActionRow): void {
    changes.announce(row);
    queue.add(row.id);
    fill();
  }

  async function runAttempt(id: number, stop: AbortController): Promise<void> {
    const row = findActionById(database, id);
    if (row === undefined || isEnded(row)) return;
    const attempt = row.attempts + 1;
    const record = createAttemptRecord({ database, changes, log, row, attempt });
    const plan = planSafely(row, attempt);
    if (plan.kind === "run") record.enter("initializing");
    const result =
      plan.kind === "run"
        ? await execute(row, record, plan, stop.signal)
        : ({ kind: "failed", error: plan.error, retryable: false } as const);
    lines.end(id);
    const decision = decideNext(row, result, plan);
    const outputsUri = result.kind === "succeeded" ? result.outputsUri : undefined;
    const isWritten = await persist(() => record.end(decision, outputsUri));
    if (isWritten && decision.phase === "queued") queue.add(id);
  }

  /** A task that cannot even be read must not stay queued for ever. */
  function planSafely(row: ActionRow, attempt: number): Plan {
    try {
      return planAttempt(database, row, attempt);
    } catch (error) {
      log.error({ err: error, action: row.id }, "a task could not be read");
      const message = "The devbox could not read the task; its log says why.";
      return { kind: "refused", error: { code: "UnreadableTask", message, kind: "system" } };
    }
  }

  async function execute(
    row: ActionRow,
    record: AttemptRecord,
    { request, secrets }: Plan & { readonly kind: "run" },
    signal: AbortSignal,
  ): Promise<AttemptResult> {
    lines.begin(row.id, request.attempt);
    try {
      const hooks = {
        signal,
        onRunning: () => record.enter("running"),
        onLine: (line: AttemptLine) => lines.push(row.id, line),
      };
      return await runWithSecrets(request, secrets, hooks, options);
    } catch (error) {
      log.error({ err: error, action: row.id }, "the executor failed");
      const message = "The executor failed; the devbox's log says why.";
      return {
        kind: "failed",
        retryable: true,
        error: { code: "ExecutorError", message, kind: "system" },
      };
    }
  }

  function decideNext(row: ActionRow, result: AttemptResult, plan: Plan): Decision {
    // Stopped with the devbox: neither the task nor the machine has failed.
    if (closing.signal.aborted && wasCutOff(result)) return leftForNextStart(row);
    return decide(result, {
      userFailures: row.user_failures,
      systemFailures: row.system_failures,
      maxAttempts: plan.kind === "run" ? plan.maxAttempts : 1,
    });
  }

  /** A full disk may have room again; what cannot be written until the end is left to the next start. */
  async function persist(write: () => Promise<boolean>): Promise<boolean> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        if (closing.signal.aborted) throw error;
        log.error({ err: error }, "the end of an attempt is not written yet");
        const { signal } = closing;
        await delay(retryWriteMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async function start(): Promise<void> {
    await rm(secretsDir, { recursive: true, force: true });
    const rows = findOpenActions(database);
    await database.write(() => {
      for (const row of rows) if (wasRunning(row)) recover(database, row);
    });
    for (const { id } of rows) queue.add(id);
    isStarted = true;
    fill();
  }

  async function abort(row: ActionRow, reason: string, by: string): Promise<void> {
    const isWritten = await database.write(() => writeAbort(database, row, reason, by));
    queue.delete(row.id);
    running.get(row.id)?.stop.abort();
    if (isWritten) changes.announce(row);
  }

  async function closeOnce(): Promise<void> {
    closing.abort();
    const all = [...running.values()];
    const ended = Promise.all(all.map(({ done }) => done));
    const patience = new AbortController();
    const grace = delay(closeGraceMs, undefined, { signal: patience.signal });
    await Promise.race([ended, grace.catch(() => undefined)]);
    patience.abort();
    for (const { stop } of all) stop.abort();
    await ended;
  }

  function close(): Promise<void> {
    closed ??= closeOnce();
    return closed;
  }

  return { changes, lines, start, submit, abort, close, [Symbol.asyncDispose]: close };
}

function wasCutOff(result: AttemptResult): boolean {
  return result.kind === "aborted" || (result.kind === "failed" && result.error.kind === "system");
}

function isEnded({ phase }: ActionRow): boolean {
  const name = toPhase(phase);
  return name !== undefined && isTerminal(name);
}

function wasRunning({ phase }: ActionRow): boolean {
  return phase === fromPhase("initializing") || phase === fromPhase("running");
}

/** Back to the queue without a failure on anybody's account. */
function leftForNextStart(row: ActionRow): Decision {
  return {
    attemptPhase: "failed",
    phase: "queued",
    userFailures: row.user_failures,
    systemFailures: row.system_failures,
    error: interrupted,
  };
}

function recover(database: Database, row: ActionRow): void {
  const counts = { userFailures: row.user_failures, systemFailures: row.system_failures };
  const decision = afterSystemFailure(interrupted, { ...counts, maxAttempts: 1 });
  writeEnd(database, row, row.attempts, decision);
}

/** False when the action had ended, which it stays. */
function writeAbort(database: Database, row: ActionRow, reason: string, by: string): boolean {
  const now = Date.now();
  const phase = fromPhase("aborted");
  const change = { phase, abort_reason: reason, aborted_by: by, ended_at: now };
  if (!updateOpenAction(database, row.id, change, now)) return false;
  const { attempts } = findActionById(database, row.id) ?? row;
  insertActionEvent(database, row.id, { attempt: Math.max(1, attempts), phase, time: now });
  return true;
}
