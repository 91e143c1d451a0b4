import { fromBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { TriggerAutomationSpecSchema } from "../../idl/triggers.ts";
import { readSchedule } from "../../values/schedule.ts";
import type { Clock } from "../apps/clock.ts";
import type { DevboxLogger } from "../server/logger.ts";
import { toConnectError } from "../server/rpc-errors.ts";
import type { Database } from "../store/database.ts";
import {
  dueTriggers,
  type Fired,
  nextDue,
  noteFired,
  noteSkipped,
  type TriggerRow,
} from "../store/triggers.ts";

export interface SchedulerOptions {
  readonly database: Database;
  /**
   * Starts the run of a trigger that was due at an instant; the same instant again is the same run.
   * `note` belongs into the write that stores the run, which must be undone when it gives false: the
   * trigger was changed meanwhile.
   */
  readonly fire: (trigger: TriggerRow, at: number, note: () => boolean) => Promise<void>;
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
 * What was missed is caught up, a hundred fires of a trigger at a time. A run is stored in the same
 * write that notes that its trigger has fired, and only when the trigger is still what it was: so a
 * crash neither loses nor doubles a fire, and none comes after a trigger was switched off.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { database, fire, clock, log } = options;
  /** Triggers that wait for their next go, by id; one that is changed waits no more. */
  const resting = new Map<number, { readonly until: number; readonly revision: number }>();
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
    const waitMs = untilNextTurn();
    // Not longer, because a machine that sleeps stops its timers and clocks are set.
    wakeUp = waitMs === undefined ? undefined : clock.after(Math.min(waitMs, restMs), look);
  }

  function untilNextTurn(): number | undefined {
    try {
      const next = nextTurn();
      return next === undefined ? undefined : Math.max(0, next - clock.now());
    } catch (error) {
      log.error({ err: error }, "the triggers cannot be read");
      return restMs;
    }
  }

  function nextTurn(): number | undefined {
    if (resting.size === 0) return nextDue(database);
    const rested = Math.min(...[...resting.values()].map(({ until }) => until));
    const due = dueTriggers(database, Number.MAX_SAFE_INTEGER, resting.size + 1).find(isReady);
    return Math.min(rested, due?.next_fire ?? rested);
  }

  function isReady({ id, revision }: TriggerRow): boolean {
    return resting.get(id)?.revision !== revision;
  }

  async function fireDue(): Promise<void> {
    const now = clock.now();
    for (const [id, { until }] of resting) if (until <= now) resting.delete(id);
    for (;;) {
      const due = dueTriggers(database, now, triggersAtOnce + resting.size);
      const ready = due.filter(isReady);
      if (ready.length === 0 || !isOpen) return;
      await Promise.all(ready.map((trigger) => catchUp(trigger, now)));
    }
  }

  /** All that a trigger has missed, up to a limit. What fails does not keep others from firing. */
  async function catchUp(trigger: TriggerRow, now: number): Promise<void> {
    let isDone = false;
    try {
      isDone = await fireMissed(trigger, now);
    } catch (error) {
      log.error({ err: error, trigger: nameOf(trigger) }, "a trigger could not be fired");
    }
    const { id, revision } = trigger;
    if (!isDone) resting.set(id, { until: now + restMs, revision });
  }

  /** False when some is left for later. */
  async function fireMissed(trigger: TriggerRow, now: number): Promise<boolean> {
    const times = readSchedule(scheduleOf(trigger));
    let at = trigger.next_fire ?? undefined;
    for (let count = 0; at !== undefined && at <= now && isOpen; count += 1) {
      if (count === mostAtOnce) return false;
      const next = times.next(at, trigger.updated_at);
      const outcome = await tryToFire(trigger, { at, next });
      if (outcome === "later") return false;
      // Changed meanwhile: it is due anew from then on.
      if (outcome === "changed") return true;
      at = next;
    }
    return true;
  }

  /** What can never work is given up: the trigger goes on with its next fire, and the log says why. */
  async function tryToFire(trigger: TriggerRow, fired: Fired): Promise<Outcome> {
    let isCurrent = true;
    const note = (): boolean => {
      isCurrent = noteFired(database, trigger, fired);
      return isCurrent;
    };
    try {
      await fire(trigger, fired.at, note);
    } catch (error) {
      log.error({ err: error, trigger: nameOf(trigger) }, "a trigger could not start its run");
      if ([Code.Unavailable, Code.Internal].includes(toConnectError(error).code)) return "later";
      isCurrent = await database.write(() => noteSkipped(database, trigger, fired.next));
    }
    return isCurrent ? "fired" : "changed";
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

type Outcome = "fired" | "changed" | "later";

function nameOf({ project, domain, task_name, name }: TriggerRow): string {
  return `${project}/${domain}/${task_name}/${name}`;
}

function scheduleOf(trigger: TriggerRow) {
  const { automation } = fromBinary(TriggerAutomationSpecSchema, trigger.automation);
  if (automation.case === "schedule") return automation.value;
  throw new Error("a trigger without a schedule is due");
}
