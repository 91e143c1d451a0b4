export {
  FixedRateUnit,
  type Schedule,
  ScheduleSchema,
} from "@flyteorg/flyteidl2/flyteidl2/task/common_pb.ts";
export {
  type TriggerDetails,
  TriggerDetailsSchema,
} from "@flyteorg/flyteidl2/flyteidl2/trigger/trigger_definition_pb.ts";
export { TriggerService } from "@flyteorg/flyteidl2/flyteidl2/trigger/trigger_service_pb.ts";
