import type { Restarts } from "./restarts.ts";

/** What is known of one replica when others are started or ended. */
export interface ReplicaFacts {
  readonly name: string;
  /** `ended` while what it left behind is cleaned up; `draining` when it takes no more requests. */
  readonly phase: "starting" | "ready" | "draining" | "ended";
  /** Requests it works on. */
  readonly leases: number;
  readonly startedAt: number;
}

/** What decides which replicas of a revision to start and to end. */
export interface RevisionFacts {
  readonly desired: number;
  readonly replicas: readonly ReplicaFacts[];
  readonly restarts: Restarts;
  /** Whether the only port it listens on is still in use by another replica of the app. */
  readonly isPortTaken: boolean;
  readonly now: number;
}

/** What to do with a revision's replicas. */
export interface ReplicaChanges {
  readonly start: number;
  /** Names of those to end. */
  readonly end: readonly string[];
  /** When to ask again because a start has to wait. */
  readonly againAt: number | undefined;
}

/**
 * Decides which replicas to start and to end. After a failure one is started at a time, and only
 * when the delay is over. Ended are first those that do not serve yet, then those with the fewest
 * requests, the youngest of equal ones first.
 */
export function changeReplicas(facts: RevisionFacts): ReplicaChanges {
  const { desired, replicas, restarts, isPortTaken, now } = facts;
  const missing = desired - replicas.length;
  const none = { start: 0, end: [], againAt: undefined };
  if (missing < 0) return { ...none, end: leastNeeded(replicas, -missing) };
  if (missing === 0 || isPortTaken) return none;
  if (restarts.failures === 0) return { ...none, start: missing };
  if (now < restarts.notBefore) return { ...none, againAt: restarts.notBefore };
  const isTrying = replicas.some(({ phase }) => phase === "starting");
  return { ...none, start: isTrying ? 0 : 1 };
}

function leastNeeded(replicas: readonly ReplicaFacts[], count: number): string[] {
  const ready = ({ phase }: ReplicaFacts) => (phase === "ready" ? 1 : 0);
  return replicas
    .filter(({ phase }) => phase === "starting" || phase === "ready")
    .toSorted((a, b) => ready(a) - ready(b) || a.leases - b.leases || b.startedAt - a.startedAt)
    .slice(0, count)
    .map(({ name }) => name);
}
