export {
  SelectClusterRequest_Operation,
  SelectClusterRequestSchema,
  SelectClusterResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/cluster/payload_pb.ts";
export { ClusterService } from "@flyteorg/flyteidl2/flyteidl2/cluster/service_pb.ts";
