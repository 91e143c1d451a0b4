import { create } from "@bufbuild/protobuf";
import type { ServiceImpl } from "@connectrpc/connect";
import { type ClusterService, SelectClusterResponseSchema } from "../../idl/clusters.ts";
import { callerKey } from "../auth/caller.ts";
import { requireCaller } from "./scope.ts";

/**
 * `flyteidl2.cluster.ClusterService`: everything is in one place, which an empty endpoint says:
 * the client stays with the connection it has.
 */
export function createClusterService(): ServiceImpl<typeof ClusterService> {
  return {
    selectCluster: (_, context) => {
      requireCaller(context.values.get(callerKey));
      return create(SelectClusterResponseSchema, { clusterEndpoint: "" });
    },
  };
}
