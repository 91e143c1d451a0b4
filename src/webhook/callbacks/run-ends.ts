import type { FastifyBaseLogger } from "fastify";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { ControlPlane, RunStatus } from "../../client/control-plane.ts";
import { FlyteError } from "../../shared/errors.ts";
import { RunWatches } from "../waits/run-watches.ts";
import type { Clock } from "./clock.ts";
import { Lanes } from "./lanes.ts";
import type { RunPlace } from "./notice.ts";

export interface RunEndsParts {
  readonly runs: Pick<ControlPlane["runs"], "watch" | "get">;
  /** The credential of each call; null where the control plane has its own. */
  readonly auth: AuthMetadata | null;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger | undefined;
  /** How many are watched; others are asked about now and then. @default 100 */
  readonly mostWatches?: number;
}

/** Who wants to know. */
export interface EndListener {
  onEnd(run: RunStatus): void;
  /** The control plane has not known the run for {@link unknownAfterMs}. */
  onUnknown(): void;
}

interface Followed {
  readonly run: RunPlace;
  readonly listener: EndListener;
  readonly stop: AbortController;
  /** How often it was asked about in vain. */
  asked: number;
  /** Since when the control plane does not know it. */
  unknownSince: number | undefined;
  /** Gives the watch, or the next question, up. */
  leave: () => void;
}

/** A control plane may not know a run at once that another replica of it has made. */
export const unknownAfterMs: number = 10 * 60_000;

const soonestMs = 1_000;
const latestMs = 60_000;
/** However many are asked about, at most fifty a second are. */
const perRunMs = 20;
const atATime = 8;

/**
 * Follows many runs to their ends with one credential: so many by watches, the others by asking, the less often the longer they take.
 * Goes on through every failure.
 */
export class RunEnds {
  readonly #parts: RunEndsParts;
  readonly #watches: RunWatches;
  readonly #lanes = new Lanes(atATime, atATime);
  readonly #all = new Set<Followed>();
  #watched = 0;
  #isFailing = false;

  constructor(parts: RunEndsParts) {
    this.#parts = parts;
    this.#watches = new RunWatches(parts.runs);
  }

  /** Follows a run until its end, or until it is left. @returns leaves it */
  follow(run: RunPlace, listener: EndListener): () => void {
    const followed: Followed = {
      ...{ run, listener, stop: new AbortController(), asked: 0, unknownSince: undefined },
      leave: () => undefined,
    };
    this.#all.add(followed);
    void this.#ask(followed);
    return () => this.#forget(followed);
  }

  /** How many are followed. */
  get size(): number {
    return this.#all.size;
  }

  #forget(followed: Followed): void {
    this.#all.delete(followed);
    followed.stop.abort();
    followed.leave();
    followed.leave = () => undefined;
  }

  async #ask(followed: Followed): Promise<void> {
    const { runs, auth } = this.#parts;
    const { run, stop } = followed;
    try {
      const options = { signal: stop.signal, ...(auth !== null && { auth }) };
      const status = await this.#lanes.run("", async () =>
        stop.signal.aborted ? undefined : runs.get(run, options),
      );
      if (stop.signal.aborted || status === undefined) return;
      followed.unknownSince = undefined;
      this.#isFailing = false;
      if (status.done) this.#end(followed, status);
      else if (this.#watched < (this.#parts.mostWatches ?? 100)) this.#watch(followed, status);
      else this.#askLater(followed);
    } catch (error) {
      if (!stop.signal.aborted) this.#failed(followed, error);
    }
  }

  #watch(followed: Followed, run: RunStatus): void {
    this.#watched += 1;
    const unfollow = this.#watches.follow(
      { run, auth: this.#parts.auth },
      {
        onStatus: (status) => {
          if (status.done) this.#end(followed, status);
        },
        onFailure: (error) => {
          followed.leave();
          this.#failed(followed, error);
        },
      },
    );
    followed.leave = () => {
      followed.leave = () => undefined;
      this.#watched -= 1;
      unfollow();
    };
  }

  #end(followed: Followed, status: RunStatus): void {
    if (!this.#all.has(followed)) return;
    this.#forget(followed);
    followed.listener.onEnd(status);
  }

  #failed(followed: Followed, error: unknown): void {
    const { clock, logger } = this.#parts;
    if (FlyteError.is(error) && error.code === "not_found") {
      followed.unknownSince ??= clock.now();
      if (clock.now() - followed.unknownSince >= unknownAfterMs) {
        this.#forget(followed);
        followed.listener.onUnknown();
        return;
      }
    } else {
      const code = FlyteError.is(error) ? error.code : "internal";
      if (!this.#isFailing) logger?.warn({ code }, "runs cannot be followed for callbacks");
      this.#isFailing = true;
    }
    this.#askLater(followed);
  }

  #askLater(followed: Followed): void {
    const planned = Math.min(latestMs, soonestMs * 1.5 ** followed.asked);
    followed.asked += 1;
    const ms = Math.max(planned, this.#all.size * perRunMs) * (0.8 + 0.4 * Math.random());
    followed.leave = this.#parts.clock.after(ms, () => void this.#ask(followed));
  }
}
