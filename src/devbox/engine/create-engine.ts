import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { Literal } from "../../idl/literals.ts";
import { ActionType } from "../../idl/runs.ts";
import { fromPhase, isTerminal, toPhase } from "../../values/phases.ts";
import { type Clock, wallClock } from "../apps/clock.ts";
import type { Executor } from "../executor/executor.ts";
import type { SecretMounter } from "../secrets/secret-mounter.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { type ActionRow, findAction, findActionById, findOpenActions } from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import { writeEnd } from "./attempt-record.ts";
import { createAttempts, interrupted } from "./attempts.ts";
import { Changes } from "./changes.ts";
import { createConditions } from "./conditions.ts";
import { afterSystemFailure } from "./decide.ts";
import { leftBehind, writeAborts, writeAbortsBelow } from "./end-actions.ts";
import { createLiveLines, type LiveLines } from "./live-lines.ts";
import { OpenChildren } from "./open-children.ts";
import { Queue } from "./queue.ts";

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
  /**
   * Runs whose attempts wait for their children at once. More runs are queued; children never are on
   * that account. @default 12 per processor, at least 24
   */
  readonly maxWaiting?: number;
  /** What an attempt calls the control plane with. @default nothing */
  readonly token?: (action: number, attempt: number) => string;
  /** @default the time that clocks on the wall show */
  readonly clock?: Clock;
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
  /** Queues an action that is stored; a condition waits from now on. */
  submit(row: ActionRow): void;
  /** Ends an action and all below it as aborted, unless they have ended; the state is on disk when it resolves. */
  abort(row: ActionRow, reason: string, by: string): Promise<void>;
  /**
   * Resolves a condition; the state is on disk when it resolves. The same value again changes nothing.
   *
   * @throws FlyteError `invalid_input` for a value of another type; `precondition_failed` when the action
   * is no condition, was signalled with another value or has ended without a signal
   */
  signal(row: ActionRow, value: Literal, by: string): Promise<void>;
  /** Starts nothing more, ends what still runs after a grace time and leaves it queued for the next start. */
  close(): Promise<void>;
}

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Makes the engine of a state; two must not share one. Nothing runs before `start`. */
export function createEngine(options: EngineOptions): Engine {
  const { database, log, secretsDir, closeGraceMs = 1_000 } = options;
  const maxConcurrent = options.maxConcurrent ?? Math.max(8, 4 * availableParallelism());
  const changes = new Changes();
  const lines = createLiveLines();
  const queue = new Queue(maxConcurrent, options.maxWaiting);
  const children = new OpenChildren(database);
  const running = new Map<number, Running>();
  const closing = new AbortController();
  const runAttempt = createAttempts({ ...options, changes, lines, closing: closing.signal });
  const { clock = wallClock } = options;
  const conditions = createConditions({ database, clock, log, onEnd: (rows) => noteEnds(rows) });
  let isStarted = false;
  let closed: Promise<void> | undefined;

  function fill(): void {
    while (isStarted && !closing.signal.aborted) {
      const waiting = [...running.keys()].filter((id) => children.has(id)).length;
      const id = queue.take(running.size - waiting, waiting);
      if (id === undefined) return;
      const stop = new AbortController();
      const done = runNext(id, stop)
        .catch((error: unknown) => log.error({ err: error, action: id }, "an attempt was lost"))
        .finally(() => {
          running.delete(id);
          fill();
        });
      running.set(id, { stop, done });
    }
  }

  async function runNext(id: number, stop: AbortController): Promise<void> {
    const row = findActionById(database, id);
    if (row === undefined || isEnded(row)) return;
    const decision = await runAttempt(row, stop.signal);
    if (decision?.phase === "queued") queue.add(row);
    else if (decision !== undefined) await leave(row);
  }

  /** An action has ended: nobody waits any more for what it has started and left. */
  async function leave(row: ActionRow): Promise<void> {
    children.ended(row.id);
    if (children.has(row.id)) noteEnds(await database.write(() => writeAbortsBelow(database, row)));
  }

  function submit(row: ActionRow): void {
    changes.announce(row);
    children.opened(row);
    if (row.type === ActionType.CONDITION) conditions.look();
    else queue.add(row);
    fill();
    if (isLeft(database, row)) void endLeft(row);
  }

  /** Its parent has ended between the write that stored it and now. */
  async function endLeft(row: ActionRow): Promise<void> {
    try {
      noteEnds(await database.write(() => writeAborts(database, row, leftBehind)));
    } catch (error) {
      // The next start finds it.
      log.error({ err: error, action: row.id }, "the end of an action is not written yet");
    }
  }

  /** To be called with actions whose end is on disk. */
  function noteEnds(rows: readonly ActionRow[]): void {
    for (const row of rows) {
      queue.delete(row.id);
      running.get(row.id)?.stop.abort();
      children.ended(row.id);
      changes.announce(row);
    }
    fill();
  }

  async function start(): Promise<void> {
    await rm(secretsDir, { recursive: true, force: true });
    const rows = findOpenActions(database);
    await database.write(() => {
      for (const row of rows) if (wasRunning(row)) recover(database, row);
      for (const row of rows) if (isLeft(database, row)) writeAborts(database, row, leftBehind);
    });
    for (const row of rows) {
      children.opened(row);
      if (row.type === ActionType.TASK) queue.add(row);
    }
    isStarted = true;
    conditions.look();
    fill();
  }

  async function abort(row: ActionRow, reason: string, by: string): Promise<void> {
    noteEnds(await database.write(() => writeAborts(database, row, { reason, by })));
  }

  async function closeOnce(): Promise<void> {
    closing.abort();
    conditions.close();
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

  const { signal } = conditions;
  return { changes, lines, start, submit, abort, signal, close, [Symbol.asyncDispose]: close };
}

function isEnded({ phase }: ActionRow): boolean {
  const name = toPhase(phase);
  return name !== undefined && isTerminal(name);
}

function wasRunning({ phase }: ActionRow): boolean {
  return phase === fromPhase("initializing") || phase === fromPhase("running");
}

/** Whether what had started it has ended, as when a crash came between the two ends. */
function isLeft(database: Database, row: ActionRow): boolean {
  if (row.parent === null) return false;
  const parent = findAction(database, { ...row, name: row.parent });
  return parent === undefined || isEnded(parent);
}

function recover(database: Database, row: ActionRow): void {
  const counts = { userFailures: row.user_failures, systemFailures: row.system_failures };
  const decision = afterSystemFailure(interrupted, { ...counts, maxAttempts: 1 });
  writeEnd(database, row, row.attempts, decision);
}
