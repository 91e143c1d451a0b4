import type { Lease } from "../apps/app-runtime.ts";
import { ReplicaAgent } from "./replica-agent.ts";

/** The connections to replicas that are kept for the next request. */
export interface ReplicaConnections {
  agentOf(lease: Lease): ReplicaAgent;
  /** Makes a connection for each request, and keeps none. */
  readonly tunnelAgent: ReplicaAgent;
  close(): void;
}

/** One set of connections by replica, given up with it. */
export function createReplicaConnections(): ReplicaConnections {
  const agents = new Map<AbortSignal, ReplicaAgent>();
  const tunnelAgent = new ReplicaAgent(false);
  return {
    tunnelAgent,
    agentOf: ({ ended }) => {
      const known = agents.get(ended);
      if (known !== undefined) return known;
      const agent = new ReplicaAgent(true);
      if (ended.aborted) return agent;
      agents.set(ended, agent);
      ended.addEventListener(
        "abort",
        () => {
          agents.delete(ended);
          agent.close();
        },
        { once: true },
      );
      return agent;
    },
    close: () => {
      for (const agent of agents.values()) agent.close();
      agents.clear();
    },
  };
}
