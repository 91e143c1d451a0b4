import { setTimeout as delay } from "node:timers/promises";
import type { AuthMetadata } from "../../client/auth-metadata.ts";
import type { ControlPlane, RunStatus } from "../../client/control-plane.ts";
import { toCredentialKey } from "../../client/credential-headers.ts";
import { FlyteError, type FlyteErrorCode } from "../../shared/errors.ts";

/** What is followed: a run as its caller knows it, with the caller's credential. */
export interface Followed {
  readonly run: RunStatus;
  readonly auth: AuthMetadata | null;
}

/** Tells runs and credentials apart, and gives no credential away. */
export function followedKey({ run: { project, domain, name }, auth }: Followed): string {
  return JSON.stringify([project, domain, name, toCredentialKey(auth ?? undefined)]);
}

/** Who follows a run. */
export interface Follower {
  /** Called with each state that is told after the follower came, the last one included. */
  onStatus(status: RunStatus): void;
  /** Called when the run cannot be followed any more with this credential. */
  onFailure(error: FlyteError): void;
}

interface Watch {
  readonly followers: Set<Follower>;
  readonly stop: AbortController;
}

/** Failures that pass, or are for all one knows the control plane's and not the run's. */
const passing: ReadonlySet<FlyteErrorCode> = new Set<FlyteErrorCode>([
  "unavailable",
  "deadline_exceeded",
  "exhausted",
  "canceled",
  "internal",
]);

/** Pause before a watch that broke off is begun anew; each watch tries five times by itself. */
const againMs = 2_000;

/**
 * One watch for each run and credential, however many follow it. It begins with the first follower and ends with
 * the last, or with the run. A caller's credential is used for nobody else.
 */
export class RunWatches {
  readonly #runs: Pick<ControlPlane["runs"], "watch">;
  readonly #watches = new Map<string, Watch>();

  constructor(runs: Pick<ControlPlane["runs"], "watch">) {
    this.#runs = runs;
  }

  /** Runs that are followed, those followed with two credentials counted twice. */
  get size(): number {
    return this.#watches.size;
  }

  /**
   * Follows a run until it is left, or has ended.
   *
   * @returns leaves it
   */
  follow(followed: Followed, follower: Follower): () => void {
    const key = followedKey(followed);
    const watch = this.#watches.get(key) ?? this.#begin(key, followed);
    watch.followers.add(follower);
    return () => {
      watch.followers.delete(follower);
      if (watch.followers.size > 0) return;
      this.#forget(key, watch);
      watch.stop.abort();
    };
  }

  #begin(key: string, followed: Followed): Watch {
    const watch = { followers: new Set<Follower>(), stop: new AbortController() };
    this.#watches.set(key, watch);
    this.#tell(watch, followed)
      .catch((error: FlyteError) => {
        this.#forget(key, watch);
        for (const follower of watch.followers) follower.onFailure(error);
      })
      .finally(() => this.#forget(key, watch));
    return watch;
  }

  #forget(key: string, watch: Watch): void {
    if (this.#watches.get(key) === watch) this.#watches.delete(key);
  }

  /** Tells every state until the last. @throws FlyteError when there is no use in trying again */
  async #tell(watch: Watch, followed: Followed): Promise<void> {
    const { signal } = watch.stop;
    while (!signal.aborted) {
      try {
        if (await this.#tellSome(watch, followed)) return;
      } catch (error) {
        if (signal.aborted) return;
        if (!FlyteError.is(error) || !passing.has(error.code)) throw toFailure(error);
      }
      const pause = againMs * (0.5 + Math.random());
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** Tells states as long as the control plane does, and whether the run has ended. */
  async #tellSome({ followers, stop }: Watch, { run, auth }: Followed): Promise<boolean> {
    const { project, domain, name } = run;
    const options = { signal: stop.signal, ...(auth !== null && { auth }) };
    for await (const status of this.#runs.watch({ project, domain, name }, options)) {
      for (const follower of followers) follower.onStatus(status);
      if (status.done) return true;
    }
    return false;
  }
}

function toFailure(error: unknown): FlyteError {
  if (FlyteError.is(error)) return error;
  return new FlyteError("internal", "The run could not be followed.", { cause: error });
}
