import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { ControlPlane, RunStatus } from "../../client/control-plane.ts";
import type { FlyteError } from "../../shared/errors.ts";
import { Shares } from "../admission/shares.ts";
import { whoOf } from "../admission/who-of.ts";
import { RunWatches } from "./run-watches.ts";
import { SharedOutputs } from "./shared-outputs.ts";

/** How a wait came to its end, with the last state that was told. */
export interface Waited {
  readonly run: RunStatus;
  readonly end: WaitEnd;
  /** What keeps the webhook from following the run. */
  readonly failure?: FlyteError;
}

/**
 * `run`: the run has ended. The others leave it as it is: the time was over, there was no room for one more, the
 * webhook closes, the caller went away, the run cannot be followed.
 */
export type WaitEnd = "run" | "time" | "full" | "closing" | "left" | "failure";

export interface Wait {
  /** The state in which the caller knows it. */
  readonly run: RunStatus;
  readonly auth: AuthMetadata | null;
  readonly ms: number;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}

/** The requests that wait for the end of a run. */
export class Waits {
  /** What runs gave that have ended. */
  readonly outputs: SharedOutputs;
  readonly #watches: RunWatches;
  readonly #most: number;
  readonly #shares: Shares;
  readonly #waiting = new Set<() => void>();
  #turnedAway = 0;
  #isClosed = false;

  /** @param most - how many may wait at a time, half of them with one credential */
  constructor(runs: Pick<ControlPlane["runs"], "watch" | "io">, most: number) {
    this.outputs = new SharedOutputs(runs);
    this.#watches = new RunWatches(runs);
    this.#most = most;
    this.#shares = new Shares(most);
  }

  /** How many wait now. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many watches they need. */
  get watches(): number {
    return this.#watches.size;
  }

  /** How many were answered at once so far because too many waited. */
  get turnedAway(): number {
    return this.#turnedAway;
  }

  /** Waits for the end of a run, as long as there is time and room. */
  async untilEnd({ run, auth, ms, signal }: Wait): Promise<Waited> {
    if (run.done) return { run, end: "run" };
    if (ms <= 0) return { run, end: "time" };
    if (this.#isClosed) return { run, end: "closing" };
    if (signal.aborted) return { run, end: "left" };
    const who = whoOf(auth);
    if (this.#waiting.size >= this.#most || !this.#shares.take(who)) {
      this.#turnedAway += 1;
      return { run, end: "full" };
    }
    return new Promise((resolve) => {
      let last = run;
      const end = (why: WaitEnd, failure?: FlyteError): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", leave);
        this.#waiting.delete(close);
        this.#shares.giveBack(who);
        unfollow();
        resolve({ run: last, end: why, ...(failure !== undefined && { failure }) });
      };
      const leave = (): void => end("left");
      const close = (): void => end("closing");
      const timer = setTimeout(() => end("time"), ms);
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.add(close);
      const unfollow = this.#watches.follow(
        { run, auth },
        {
          onStatus(status) {
            last = status;
            if (status.done) end("run");
          },
          onFailure: (failure) => end("failure", failure),
        },
      );
    });
  }

  /** Ends every wait, and each that would begin from now on. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#waiting) end();
  }
}
