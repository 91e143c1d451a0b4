export {
  type App,
  AppSchema,
  type Condition,
  Spec_DesiredState,
  Status_DeploymentStatus,
} from "@flyteorg/flyteidl2/flyteidl2/app/app_definition_pb.ts";
export {
  type WatchResponse as AppWatchResponse,
  WatchResponseSchema as AppWatchResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/app/app_payload_pb.ts";
export { AppService } from "@flyteorg/flyteidl2/flyteidl2/app/app_service_pb.ts";
