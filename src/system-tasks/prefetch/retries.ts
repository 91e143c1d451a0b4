import type { TaskLogger } from "../../tasks/task-context.ts";
import { longestWaitMs, type Pause, toBackoffMs } from "./backoff.ts";
import { HubError } from "./hub-errors.ts";

export interface RetriesOptions {
  /** How many failures in a row are one too many. */
  readonly most: number;
  readonly signal: AbortSignal;
  readonly pause: Pause;
  readonly log: Pick<TaskLogger, "warn">;
  /** What is being tried, for the log. */
  readonly what: string;
}

/** The failures of one undertaking, and the patience with them. */
export interface Retries {
  /**
   * Waits until the next try is due.
   *
   * @throws the error itself when no try is left, or none would help
   */
  failed(error: unknown): Promise<void>;
  /** A try has brought something: the failures before it are forgotten. */
  progressed(): void;
}

/** Counts failures and waits between tries, longer each time and never less than a hub asks for. */
export function createRetries({ most, signal, pause, log, what }: RetriesOptions): Retries {
  let failures = 0;
  return {
    async failed(error) {
      if (signal.aborted) throw signal.reason;
      if (!(error instanceof HubError) || !error.transient) throw error;
      failures += 1;
      const waitMs = Math.max(toBackoffMs(failures - 1, Math.random()), error.waitMs ?? 0);
      if (failures >= most || waitMs > longestWaitMs) throw error;
      // Of a connection that is cut now and then nobody has to read.
      if (failures > 1 || waitMs >= 5_000) {
        log.warn(`${what}: ${error.message} Trying again in ${Math.ceil(waitMs / 1000)} s.`);
      }
      await pause(waitMs, signal);
    },
    progressed() {
      failures = 0;
    },
  };
}
