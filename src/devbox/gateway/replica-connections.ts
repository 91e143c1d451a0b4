import { Agent } from "node:http";
import type { Lease } from "../apps/app-runtime.ts";

/** The connections to replicas that are kept for the next request. */
export interface ReplicaConnections {
  agentOf(lease: Lease): Agent;
  close(): void;
}

/**
 * How long a connection is kept idle. Less than any common server waits before it closes one, so that
 * a request is not sent into a connection that is about to end.
 */
const idleMs = 1_000;

/** One set of connections by replica, given up with it. */
export function createReplicaConnections(): ReplicaConnections {
  const agents = new Map<AbortSignal, Agent>();
  return {
    agentOf: ({ ended }) => {
      const known = agents.get(ended);
      if (known !== undefined) return known;
      const agent = new Agent({ keepAlive: true, maxFreeSockets: 256, timeout: idleMs });
      if (ended.aborted) return agent;
      agents.set(ended, agent);
      ended.addEventListener(
        "abort",
        () => {
          agents.delete(ended);
          // Those in use end by themselves, and may hold the end of an answer.
          for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
        },
        { once: true },
      );
      return agent;
    },
    close: () => {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}
