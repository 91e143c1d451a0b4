import { availableParallelism } from "node:os";
import { fromPhase, isTerminal, type Phase, toPhase } from "../../values/phases.ts";
import type { AttemptError, AttemptLine, AttemptResult, Executor } from "../executor/executor.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { insertActionEvent } from "../store/action-events.ts";
import {
  type ActionRow,
  findActionById,
  findOpenActions,
  updateOpenAction,
} from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { Changes } from "./changes.ts";
import { afterSystemFailure, type Decision, decide } from "./decide.ts";
import { type Plan, planAttempt } from "./plan-attempt.ts";

export interface EngineOptions {
  readonly database: Database;
  readonly executor: Executor;
  readonly log: DevboxLogger;
  /** Attempts that run at once; more wait in the order they came. @default 4 per processor, at least 8 */
  readonly maxConcurrent?: number;
}

/** Decides what runs when, and writes down how it went before anybody is told. */
export interface Engine extends AsyncDisposable {
  readonly changes: Changes;
  /** Takes up what an earlier life left open: queued actions run, running ones count as a system failure. */
  start(): Promise<void>;
  /** Queues an action that is stored. */
  submit(row: ActionRow): void;
  /** Ends an action as aborted, unless it has ended; the state is on disk when it resolves. */
  abort(row: ActionRow, reason: string, by: string): Promise<void>;
  /** Lines of a running attempt as they come. Ends with the attempt or `signal`. */
  onLine(id: number, listener: (line: AttemptLine) => void): () => void;
  /** Starts nothing more, ends what runs and leaves it queued for the next start. */
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

export function createEngine(options: EngineOptions): Engine {
  const { database, executor, log } = options;
  const maxConcurrent = options.maxConcurrent ?? Math.max(8, 4 * availableParallelism());
  const changes = new Changes();
  const queue = new Set<number>();
  const running = new Map<number, Running>();
  const listeners = new Map<number, Set<(line: AttemptLine) => void>>();
  let open = true;

  function fill(): void {
    for (const id of queue) {
      if (!open || running.size >= maxConcurrent) return;
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
    const plan = planAttempt(database, row, attempt);
    if (plan.kind === "refused") {
      await finish(row, attempt, {
        attemptPhase: "failed",
        phase: "failed",
        userFailures: row.user_failures + 1,
        systemFailures: 0,
        error: plan.error,
      });
      return;
    }
    if (!(await enter(row, attempt, "initializing"))) return;
    await conduct(row, attempt, plan, stop.signal);
  }

  async function conduct(
    row: ActionRow,
    attempt: number,
    plan: Plan & { readonly kind: "run" },
    signal: AbortSignal,
  ): Promise<void> {
    let entering: Promise<unknown> = Promise.resolve();
    const result = await executor.run(plan.request, {
      signal,
      onRunning: () => {
        entering = enter(row, attempt, "running").catch((error: unknown) =>
          log.error({ err: error, action: row.id }, "a state could not be written"),
        );
      },
      onLine: (line) => {
        for (const listener of listeners.get(row.id) ?? []) listener(line);
      },
    });
    await entering;
    const counts = {
      userFailures: row.user_failures,
      systemFailures: row.system_failures,
      maxAttempts: plan.maxAttempts,
    };
    if (!open && wasCutOff(result)) {
      // Stopped with the devbox: neither the task nor the machine has failed.
      await finish(row, attempt, leftForNextStart(row));
      return;
    }
    const decision = decide(result, counts);
    const outputsUri = result.kind === "succeeded" ? result.outputsUri : undefined;
    const written = await finish(row, attempt, decision, outputsUri);
    if (written && decision.phase === "queued") queue.add(row.id);
  }

  /** Moves an open action on within its attempt; false when it has ended meanwhile. */
  async function enter(row: ActionRow, attempt: number, phase: Phase): Promise<boolean> {
    const written = await database.write(() => {
      const now = Date.now();
      const number = fromPhase(phase);
      if (!updateOpenAction(database, row.id, { phase: number, attempts: attempt }, now)) {
        return false;
      }
      insertActionEvent(database, row.id, { attempt, phase: number, time: now });
      return true;
    });
    if (written) changes.announce(row);
    return written;
  }

  /** Writes the end of an attempt; false when the action has ended meanwhile. */
  async function finish(
    row: ActionRow,
    attempt: number,
    decision: Decision,
    outputsUri?: string,
  ): Promise<boolean> {
    const written = await database.write(() =>
      writeEnd(database, row, attempt, decision, outputsUri),
    );
    if (written) changes.announce(row);
    return written;
  }

  async function start(): Promise<void> {
    const rows = findOpenActions(database);
    await database.write(() => {
      for (const row of rows) if (wasRunning(row)) recover(database, row);
    });
    for (const { id } of rows) queue.add(id);
    fill();
  }

  async function abort(row: ActionRow, reason: string, by: string): Promise<void> {
    const written = await database.write(() => {
      const now = Date.now();
      const phase = fromPhase("aborted");
      const change = { phase, abort_reason: reason, aborted_by: by, ended_at: now };
      if (!updateOpenAction(database, row.id, change, now)) return false;
      const { attempts } = findActionById(database, row.id) ?? row;
      insertActionEvent(database, row.id, { attempt: Math.max(1, attempts), phase, time: now });
      return true;
    });
    queue.delete(row.id);
    running.get(row.id)?.stop.abort();
    if (written) changes.announce(row);
  }

  function onLine(id: number, listener: (line: AttemptLine) => void): () => void {
    const all = listeners.get(id) ?? new Set();
    listeners.set(id, all.add(listener));
    return () => {
      all.delete(listener);
      if (all.size === 0) listeners.delete(id);
    };
  }

  async function close(): Promise<void> {
    open = false;
    const all = [...running.values()];
    for (const { stop } of all) stop.abort();
    await Promise.all(all.map(({ done }) => done));
  }

  return { changes, start, submit, abort, onLine, close, [Symbol.asyncDispose]: close };
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

function writeEnd(
  database: Database,
  row: ActionRow,
  attempt: number,
  decision: Decision,
  outputsUri?: string,
): boolean {
  const now = Date.now();
  const change = {
    phase: fromPhase(decision.phase),
    attempts: attempt,
    user_failures: decision.userFailures,
    system_failures: decision.systemFailures,
    ...(isTerminal(decision.phase) ? { ended_at: now } : {}),
  };
  if (!updateOpenAction(database, row.id, change, now)) return false;
  insertActionEvent(database, row.id, {
    attempt,
    phase: fromPhase(decision.attemptPhase),
    time: now,
    error: decision.error,
    outputsUri,
  });
  return true;
}
