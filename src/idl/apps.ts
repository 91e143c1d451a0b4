export {
  type App,
  AppSchema,
  type Condition,
  ConditionSchema,
  type Identifier as AppIdentifier,
  IdentifierSchema as AppIdentifierSchema,
  MetaSchema as AppMetaSchema,
  ScalingMetricSchema,
  type Spec,
  Spec_DesiredState,
  Spec_DesiredStateSchema,
  SpecSchema,
  type Status,
  Status_DeploymentStatus,
  Status_DeploymentStatusSchema,
  StatusSchema,
} from "@flyteorg/flyteidl2/flyteidl2/app/app_definition_pb.ts";
export {
  type WatchResponse as AppWatchResponse,
  WatchResponseSchema as AppWatchResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/app/app_payload_pb.ts";
export { AppService } from "@flyteorg/flyteidl2/flyteidl2/app/app_service_pb.ts";
export { RuntimeMetadata_RuntimeType } from "@flyteorg/flyteidl2/flyteidl2/common/runtime_version_pb.ts";
export { Resources_ResourceName } from "@flyteorg/flyteidl2/flyteidl2/core/tasks_pb.ts";
