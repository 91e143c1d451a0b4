import { fromBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { TriggerAutomationSpecSchema } from "../../idl/triggers.ts";
import type { Clock } from "../apps/clock.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { toConnectError } from "../server/rpc-errors.ts";
import type { Database } from "../store/database.ts";
import { dueTriggers, nextDue, noteFired, type TriggerRow } from "../store/triggers.ts";
import { readSchedule } from "./schedule.ts";

export interface SchedulerOptions {
  readonly database: Database;
  /** Starts the run of a trigger that was due at an instant; the same instant again is the same run. */
  readonly fire: (trigger: TriggerRow, at: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: DevboxLogger;
}

/** Fires triggers when they are due. When that is stands in the state, so that no restart loses it. */
export interface Scheduler extends AsyncDisposable {
  start(): void;
  /** To be called after triggers were changed. */
  look(): void;
  /** Starts nothing more; resolves when what is being started is stored. */
  close(): Promise<void>;
}

/** Fires of one trigger in one go, when it was due often while the devbox was not running. */
const mostAtOnce = 100;
/** Until the rest of them, and until what could not be started is tried again. */
const restMs = 30_000;
const triggersAtOnce = 50;

/**
 * Makes the scheduler of a state; two must not share one.
 *
 * What was missed is caught up, a hundred fires of a trigger at a time. A run is started before it is
 * noted that its trigger has fired: after a crash in between it is started again under the same name,
 * which is the same run.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { database, fire, clock, log } = options;
  /** Triggers that wait for their next go, by id. */
  const resting = new Map<number, number>();
  let isOpen = false;
  let wakeUp: (() => void) | undefined;
  let going: Promise<void> | undefined;
  let isAsked = false;

  function look(): void {
    if (!isOpen) return;
    isAsked = true;
    going ??= goOn().finally(() => {
      going = undefined;
      if (isOpen) sleep();
    });
  }

  async function goOn(): Promise<void> {
    while (isAsked && isOpen) {
      isAsked = false;
      try {
        await fireDue();
      } catch (error) {
        log.error({ err: error }, "the triggers cannot be read");
        return;
      }
    }
  }

  function sleep(): void {
    wakeUp?.();
    const next = nextTurn();
    if (next === undefined) wakeUp = undefined;
    // Not longer, because a machine that sleeps stops its timers and clocks are set.
    else wakeUp = clock.after(Math.min(Math.max(0, next - clock.now()), restMs), look);
  }

  function nextTurn(): number | undefined {
    if (resting.size === 0) return nextDue(database);
    const rested = Math.min(...resting.values());
    const due = dueTriggers(database, Number.MAX_SAFE_INTEGER, resting.size + 1).find(
      ({ id }) => !resting.has(id),
    );
    return Math.min(rested, due?.next_fire ?? rested);
  }

  async function fireDue(): Promise<void> {
    const now = clock.now();
    for (const [id, until] of resting) if (until <= now) resting.delete(id);
    for (;;) {
      const due = dueTriggers(database, now, triggersAtOnce + resting.size);
      const ready = due.filter(({ id }) => !resting.has(id));
      if (ready.length === 0 || !isOpen) return;
      for (const trigger of ready) await catchUp(trigger, now);
    }
  }

  /** All that a trigger has missed, up to a limit. */
  async function catchUp(trigger: TriggerRow, now: number): Promise<void> {
    const times = readSchedule(scheduleOf(trigger));
    let at = trigger.next_fire ?? undefined;
    for (let count = 0; at !== undefined && at <= now && isOpen; count += 1) {
      if (count === mostAtOnce) {
        resting.set(trigger.id, now + restMs);
        return;
      }
      if (!(await tryToFire(trigger, at))) {
        resting.set(trigger.id, now + restMs);
        return;
      }
      const fired = { at, next: times.next(at, trigger.updated_at) };
      // Changed meanwhile: it is due anew from then on.
      if (!(await database.write(() => noteFired(database, trigger, fired)))) return;
      at = fired.next;
    }
  }

  /** False when it is to be tried again. What can never work is given up, and the log says why. */
  async function tryToFire(trigger: TriggerRow, at: number): Promise<boolean> {
    try {
      await fire(trigger, at);
      return true;
    } catch (error) {
      const name = `${trigger.project}/${trigger.domain}/${trigger.task_name}/${trigger.name}`;
      log.error({ err: error, trigger: name }, "a trigger could not start its run");
      return ![Code.Unavailable, Code.Internal].includes(toConnectError(error).code);
    }
  }

  async function close(): Promise<void> {
    isOpen = false;
    wakeUp?.();
    await going;
  }

  return {
    start() {
      isOpen = true;
      look();
    },
    look,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function scheduleOf(trigger: TriggerRow) {
  const { automation } = fromBinary(TriggerAutomationSpecSchema, trigger.automation);
  if (automation.case === "schedule") return automation.value;
  throw new Error("a trigger without a schedule is due");
}
