import { fromPhase, isTerminal, type Phase } from "../../values/phases.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { insertActionEvent } from "../store/action-events.ts";
import { type ActionRow, updateOpenAction } from "../store/actions.ts";
import type { Database } from "../store/database.ts";
import type { Changes } from "./changes.ts";
import type { Decision } from "./decide.ts";

/** Which attempt is recorded, and where. */
export interface AttemptRecordOptions {
  readonly database: Database;
  /** Told of each change once it is on disk. */
  readonly changes: Changes;
  readonly log: DevboxLogger;
  readonly row: ActionRow;
  readonly attempt: number;
}

/** Writes down how one attempt goes. */
export interface AttemptRecord {
  /** Notes a phase; it is on disk 25 ms from now, or with the end. */
  enter(phase: Phase): void;
  /**
   * Writes the end of the attempt with what is noted, in one transaction; false when the action
   * has ended meanwhile. Can be called again when it fails.
   *
   * @throws FlyteError `unavailable` when it cannot be written
   */
  end(decision: Decision, outputsUri?: string): Promise<boolean>;
}

interface EnteredPhase {
  readonly phase: Phase;
  readonly time: number;
}

/** An attempt that ends sooner than this costs one write for all its phases. */
const delayMs = 25;

/** A record of one attempt. What a crash loses of it is only what nobody was told. */
export function createAttemptRecord(options: AttemptRecordOptions): AttemptRecord {
  const { database, changes, log, row, attempt } = options;
  let entered: readonly EnteredPhase[] = [];
  let timer: NodeJS.Timeout | undefined;

  const writeEntered = async (): Promise<void> => {
    timer = undefined;
    const taken = entered;
    entered = [];
    try {
      const isWritten = await database.write(() => writePhases(database, row, attempt, taken));
      if (isWritten) changes.announce(row);
    } catch (error) {
      entered = [...taken, ...entered];
      log.error({ err: error, action: row.id }, "the phase of an action is not written yet");
    }
  };

  return {
    enter: (phase) => {
      entered = [...entered, { phase, time: Date.now() }];
      // writeEntered never rejects.
      timer ??= setTimeout(writeEntered, delayMs);
    },
    end: async (decision, outputsUri) => {
      clearTimeout(timer);
      timer = undefined;
      const isWritten = await database.write(() => {
        writePhases(database, row, attempt, entered);
        return writeEnd(database, row, attempt, decision, outputsUri);
      });
      entered = [];
      if (isWritten) changes.announce(row);
      return isWritten;
    },
  };
}

/** To be called in a transaction. */
function writePhases(
  database: Database,
  row: ActionRow,
  attempt: number,
  entered: readonly EnteredPhase[],
): boolean {
  const last = entered.at(-1);
  if (last === undefined) return false;
  const change = { phase: fromPhase(last.phase), attempts: attempt };
  if (!updateOpenAction(database, row.id, change, last.time)) return false;
  for (const { phase, time } of entered) {
    insertActionEvent(database, row.id, { attempt, phase: fromPhase(phase), time });
  }
  return true;
}

/** Writes how an attempt ended; false when the action had ended. To be called in a transaction. */
export function writeEnd(
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
