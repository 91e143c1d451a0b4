import { create, toBinary } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import { createScheduler, type Scheduler } from "../../src/devbox/scheduler/create-scheduler.ts";
import { silentLogger } from "../../src/devbox/server/logger.ts";
import { deployTrigger } from "../../src/devbox/services/change-trigger.ts";
import { type Database, openDatabase } from "../../src/devbox/store/database.ts";
import { migrate } from "../../src/devbox/store/migrations.ts";
import { findTrigger, type TriggerRow } from "../../src/devbox/store/triggers.ts";
import { TriggerAutomationSpecSchema, TriggerSpecSchema } from "../../src/idl/triggers.ts";

export const minute = 60_000;
const key = { project: "p", domain: "development", task_name: "t", name: "n" };

/** A clock that stands still until it is set. */
class HandClock {
  #now = Date.parse("2026-05-01T00:00:00Z");
  readonly #waiting = new Set<{ readonly at: number; readonly wake: () => void }>();

  readonly now = (): number => this.#now;

  readonly after = (ms: number, wake: () => void): (() => void) => {
    const entry = { at: this.#now + ms, wake };
    this.#waiting.add(entry);
    if (ms <= 0) setImmediate(() => this.advance(0));
    return () => this.#waiting.delete(entry);
  };

  advance(ms: number): void {
    this.#now += ms;
    for (const entry of [...this.#waiting]) {
      if (entry.at > this.#now) continue;
      this.#waiting.delete(entry);
      entry.wake();
    }
  }
}

/** A scheduler with one trigger, and what it fires. */
export interface SchedulerBench {
  readonly database: Database;
  readonly clock: HandClock;
  /** Minutes after the start at which runs were started. */
  readonly fired: number[];
  readonly row: () => TriggerRow;
  /** What was logged. */
  readonly logged: string[];
  /** Deploys another trigger. */
  add(name: string, expression?: string): Promise<void>;
  /** Starts a scheduler, as a devbox does. */
  open(fire?: (at: number, trigger: TriggerRow) => Promise<void>): Scheduler;
  /** Lets the scheduler do what is due. */
  settle(): Promise<void>;
}

/** The automation of a trigger with a cron expression. */
export function toAutomation(expression: string): Uint8Array {
  const automation = create(TriggerAutomationSpecSchema, {
    automation: {
      case: "schedule",
      value: { expression: { case: "cron", value: { expression, timezone: "" } } },
    },
  });
  return toBinary(TriggerAutomationSpecSchema, automation);
}

/** The trigger is deployed as the clock begins, and no scheduler is open. */
export async function setUpScheduler(expression = "@every 1m"): Promise<SchedulerBench> {
  const database = openDatabase(":memory:");
  onTestFinished(() => database.close());
  migrate(database);
  const clock = new HandClock();
  const begin = clock.now();
  const deploy = (name: string, text: string) => {
    const wanted = {
      ...{ ...key, name, automation: toAutomation(text), automation_type: 2 },
      spec: toBinary(TriggerSpecSchema, create(TriggerSpecSchema, { active: true })),
      ...{ task_version: "v1", active: true },
    };
    return database.write(() => deployTrigger(database, wanted, { by: "alice", now: clock.now() }));
  };
  await deploy(key.name, expression);
  const fired: number[] = [];
  const logged: string[] = [];
  const row = () => {
    const found = findTrigger(database, key);
    if (found === undefined) throw new Error("the trigger is gone");
    return found;
  };
  return {
    database,
    clock,
    fired,
    row,
    logged,
    async add(name, text = expression) {
      await deploy(name, text);
    },
    open(fire = async () => undefined) {
      const scheduler = createScheduler({
        database,
        clock,
        log: { ...silentLogger, error: (_, message) => void logged.push(String(message)) },
        fire: async (trigger, at, note) => {
          await fire(at, trigger);
          if (await database.write(note)) fired.push((at - begin) / minute);
        },
      });
      onTestFinished(() => scheduler.close());
      scheduler.start();
      return scheduler;
    },
    async settle() {
      // Writes are committed once a turn of the event loop.
      for (let turns = 0; turns < 1000; turns += 1) await new Promise(setImmediate);
    },
  };
}
