import { setTimeout as delay } from "node:timers/promises";
import { bearerAuthenticator } from "../src/client/auth/bearer.ts";
import { createControlPlane } from "../src/client/create-control-plane.ts";
import type { ReadyFile } from "../test/support/dev-process.ts";

/** More than a devbox runs at once on any machine this is measured on. */
const blockers = 64;

const mostAtOnce = 16;

/** Runs that begin and end until they are stopped. */
export interface ChangingRuns {
  /** Resolves with the changes in each second. */
  stop(): Promise<number>;
}

/**
 * Makes runs begin and be aborted, so many changes in a second. They stay queued meanwhile behind others that wait, so
 * that no task takes the processor from what is measured.
 */
export async function startChanges(
  { controlPlane: endpoint, keys }: ReadyFile,
  perSecond: number,
): Promise<ChangingRuns> {
  const controlPlane = createControlPlane({
    endpoint,
    project: "flytesnacks",
    domain: "development",
    authenticator: bearerAuthenticator(keys["bob"] ?? ""),
  });
  const { runs } = controlPlane;
  const start = async (): Promise<string> =>
    (await runs.start({ name: "slow.count" }, { to: 1_000_000 })).name;
  const waiting = await Promise.all(Array.from({ length: blockers }, start));
  const from = performance.now();
  let changes = 0;
  let isOver = false;
  const pairs = new Set<Promise<void>>();
  const beginAndAbort = async (): Promise<void> => {
    const name = await start();
    await runs.abort({ name }, "measured");
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
      const rate = (changes * 1_000) / (performance.now() - from);
      for (const name of waiting) await runs.abort({ name }, "measured");
      await controlPlane[Symbol.asyncDispose]();
      return rate;
    },
  };
}
