import { setTimeout as delay } from "node:timers/promises";
import { findListener, type Owner } from "./listening.ts";
import type { ReplicaAddress } from "./replica-process.ts";

export interface ListenerOptions {
  /** The port that the replica was given. */
  readonly port: number;
  /** A port that it may listen on instead. */
  readonly declaredPort: number | undefined;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

const FIRST_WAIT_MS = 10;
const MAX_WAIT_MS = 100;

/** Where a process group listens; undefined when it does not in time, or the signal aborts before. */
export async function waitForListener(
  owner: Owner,
  { port, declaredPort, deadlineMs, signal }: ListenerOptions,
): Promise<ReplicaAddress | undefined> {
  const until = performance.now() + deadlineMs;
  for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(MAX_WAIT_MS, wait * 1.1)) {
    const host = await findListener(port, owner, "own");
    if (host !== undefined) return { host, port, isDeclared: false };
    if (declaredPort !== undefined) {
      const declaredHost = await findListener(declaredPort, owner, "foreign");
      if (declaredHost !== undefined) {
        return { host: declaredHost, port: declaredPort, isDeclared: true };
      }
    }
    if (performance.now() > until) return undefined;
    await delay(wait, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
