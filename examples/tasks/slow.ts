import { setTimeout as delay } from "node:timers/promises";
import { defineTask, t } from "flyte-webhook/tasks";

/** Counts slowly and stops at once when its run is aborted. */
export const count = defineTask(
  {
    name: "slow.count",
    description: "Counts with a pause before each number and logs its progress.",
    inputs: { to: t.int().default(10), pause: t.duration().default(1000) },
    outputs: { counted: t.int() },
    timeoutMs: 10 * 60_000,
  },
  async ({ to, pause }, { log, signal }) => {
    for (let number = 1; number <= to; number++) {
      // The signal ends the pause with an AbortError, and with it the task.
      await delay(pause, undefined, { signal });
      log.info("counting", { number, of: to });
    }
    return { counted: to };
  },
);
