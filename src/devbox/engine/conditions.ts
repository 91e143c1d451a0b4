import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { ConditionActionSchema } from "../../idl/actions.ts";
import { type Literal, LiteralSchema, SimpleType } from "../../idl/literals.ts";
import { FlyteError } from "../../shared/errors.ts";
import { fromPhase, toPhase } from "../../values/phases.ts";
import { Alarm } from "../apps/alarm.ts";
import type { Clock } from "../apps/clock.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { insertActionEvent } from "../store/action-events.ts";
import { type ActionRow, findActionById, updateOpenAction } from "../store/actions.ts";
import {
  type ConditionRow,
  clearDeadline,
  findCondition,
  findDueConditions,
  findNextDeadline,
  writeSignal,
} from "../store/conditions.ts";
import type { Database } from "../store/database.ts";
import { type ConditionState, decideSignal, type SignalDecision } from "./decide-signal.ts";

export interface ConditionsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: DevboxLogger;
  /** Called with actions that have ended, once that is on disk. */
  readonly onEnd: (rows: readonly ActionRow[]) => void;
}

/** Ends conditions: by a signal, or when their time is over. */
export interface Conditions {
  /** Looks when the next one is due. To be called at the start and when one was stored. */
  look(): void;
  /**
   * Resolves a condition; the state is on disk when it resolves.
   *
   * @throws FlyteError `invalid_input` for a value of another type; `precondition_failed` when the action
   * is no condition, or has ended otherwise
   */
  signal(row: ActionRow, value: Literal, by: string): Promise<void>;
  close(): void;
}

/** Conditions that end in one turn. */
const batch = 100;
const retryWriteMs = 1_000;

export function createConditions({ database, clock, log, onEnd }: ConditionsOptions): Conditions {
  const alarm = new Alarm(clock, () => void endDue());
  let isClosed = false;

  function look(): void {
    if (!isClosed) alarm.atLatest(findNextDeadline(database));
  }

  async function endDue(): Promise<void> {
    if (isClosed) return;
    try {
      const ended = await database.write(() =>
        findDueConditions(database, clock.now(), batch).flatMap((id) => {
          const row = findActionById(database, id);
          return row !== undefined && writeTimeout(database, row, clock.now()) ? [row] : [];
        }),
      );
      onEnd(ended);
      look();
    } catch (error) {
      log.error({ err: error }, "the end of conditions is not written yet");
      if (!isClosed) alarm.atLatest(clock.now() + retryWriteMs);
    }
  }

  async function signal(row: ActionRow, value: Literal, by: string): Promise<void> {
    const decision = await database.write(() => takeSignal(row.id, value, by));
    if (decision.kind === "resolve" || decision.kind === "expired") onEnd([row]);
    if (decision.kind === "refused") throw decision.error;
    if (decision.kind === "expired") {
      throw new FlyteError(
        "precondition_failed",
        `condition ${JSON.stringify(row.function_name)} has ended without a signal: it is timed_out`,
      );
    }
  }

  function takeSignal(id: number, value: Literal, by: string): SignalDecision {
    const now = clock.now();
    const row = findActionById(database, id);
    const condition = findCondition(database, id);
    if (row === undefined || condition === undefined) {
      const message = `action ${JSON.stringify(row?.name ?? "")} is no condition`;
      return { kind: "refused", error: new FlyteError("precondition_failed", message) };
    }
    const decision = decideSignal(readState(row, condition), value, now);
    if (decision.kind === "expired") writeTimeout(database, row, now);
    if (decision.kind !== "resolve") return decision;
    const phase = fromPhase("succeeded");
    updateOpenAction(database, id, { phase, ended_at: now }, now);
    insertActionEvent(database, id, { attempt: 1, phase, time: now });
    writeSignal(database, {
      action_id: id,
      value: toBinary(LiteralSchema, value),
      signalled_by: by,
      signalled_at: now,
    });
    return decision;
  }

  return {
    look,
    signal,
    close: () => {
      isClosed = true;
      alarm.cancel();
    },
  };
}

function readState(row: ActionRow, condition: ConditionRow): ConditionState {
  const { name, type } = fromBinary(ConditionActionSchema, condition.spec);
  const { value, signalled_by, signalled_at } = condition;
  return {
    name,
    type: type?.type.case === "simple" ? type.type.value : SimpleType.NONE,
    phase: toPhase(row.phase) ?? "queued",
    deadline: condition.deadline ?? undefined,
    signal:
      value === null
        ? undefined
        : {
            value: fromBinary(LiteralSchema, value),
            by: signalled_by ?? "",
            at: signalled_at ?? 0,
          },
  };
}

/** False when it had ended. To be called in a transaction. */
function writeTimeout(database: Database, row: ActionRow, now: number): boolean {
  clearDeadline(database, row.id);
  const phase = fromPhase("timed_out");
  if (!updateOpenAction(database, row.id, { phase, ended_at: now }, now)) return false;
  insertActionEvent(database, row.id, {
    attempt: 1,
    phase,
    time: now,
    error: {
      code: "ConditionTimedOut",
      message: `Condition ${JSON.stringify(row.function_name)} was not signalled in time.`,
      kind: "user",
    },
  });
  return true;
}
