import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { bearerAuthenticator } from "../src/client/auth/bearer.ts";
import type { ControlPlane } from "../src/client/control-plane.ts";
import { createControlPlane } from "../src/client/create-control-plane.ts";
import type { ReadyFile } from "../test/support/dev-process.ts";

/** As many attempts as a devbox runs at once. */
const slots = Math.max(8, 4 * availableParallelism());
const mostAtOnce = 16;

/** Makes runs begin and end until it is stopped. */
export interface Changes {
  /** Resolves with the changes in each second. */
  stop(): Promise<number>;
}

/** A devbox all of whose slots are taken, so that runs that begin stay queued. */
export class BusyDevbox implements AsyncDisposable {
  readonly #controlPlane: ControlPlane;

  private constructor(controlPlane: ControlPlane) {
    this.#controlPlane = controlPlane;
  }

  /** Resolves when the tasks that take the slots have started, which costs more than what is measured. */
  static async create({ controlPlane: endpoint, keys }: ReadyFile): Promise<BusyDevbox> {
    const controlPlane = createControlPlane({
      endpoint,
      project: "flytesnacks",
      domain: "development",
      authenticator: bearerAuthenticator(keys["bob"] ?? ""),
    });
    const devbox = new BusyDevbox(controlPlane);
    const names = await Promise.all(Array.from({ length: slots }, () => devbox.#start()));
    for (const name of names) {
      for await (const { phase } of controlPlane.runs.watch({ name })) {
        if (phase === "running") break;
      }
    }
    return devbox;
  }

  async #start(domain = "development"): Promise<string> {
    const task = { name: "slow.count", domain };
    const { name } = await this.#controlPlane.runs.start(task, { to: 1_000_000 }, { domain });
    return name;
  }

  /** Runs of a domain begin and are aborted, so many changes in a second, and no task takes the processor. */
  change(perSecond: number, domain: string): Changes {
    const from = performance.now();
    const pairs = new Set<Promise<void>>();
    let changes = 0;
    let isOver = false;
    const beginAndAbort = async (): Promise<void> => {
      const name = await this.#start(domain);
      await this.#controlPlane.runs.abort({ name, domain }, "measured");
      changes += 2;
    };
    const work = (async () => {
      for (let count = 0; !isOver; count += 1) {
        // Two changes each, as long as the devbox keeps up.
        await delay(Math.max(0, from + (count * 2_000) / perSecond - performance.now()));
        if (pairs.size >= mostAtOnce) await Promise.race(pairs);
        const pair = beginAndAbort().finally(() => pairs.delete(pair));
        pairs.add(pair);
      }
      await Promise.all(pairs);
    })();
    return {
      stop: async () => {
        isOver = true;
        await work;
        return (changes * 1_000) / (performance.now() - from);
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#controlPlane.close();
  }
}
