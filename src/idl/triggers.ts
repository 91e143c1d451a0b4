export {
  type TriggerName,
  TriggerNameSchema,
} from "@flyteorg/flyteidl2/flyteidl2/common/identifier_pb.ts";
export {
  FixedRateUnit,
  type Schedule,
  ScheduleSchema,
  type TriggerAutomationSpec,
  TriggerAutomationSpecSchema,
  TriggerAutomationSpecType,
} from "@flyteorg/flyteidl2/flyteidl2/task/common_pb.ts";
export {
  type TaskTrigger,
  TaskTriggerSchema,
  TaskTriggerSpecSchema,
} from "@flyteorg/flyteidl2/flyteidl2/task/task_definition_pb.ts";
export {
  type Trigger,
  type TriggerDetails,
  TriggerDetailsSchema,
  type TriggerRevision,
  TriggerRevisionAction,
  TriggerRevisionSchema,
  TriggerSchema,
  type TriggerSpec,
  TriggerSpecSchema,
} from "@flyteorg/flyteidl2/flyteidl2/trigger/trigger_definition_pb.ts";
export {
  DeleteTriggersResponseSchema,
  type DeployTriggerRequest,
  DeployTriggerResponseSchema,
  GetTriggerDetailsResponseSchema,
  GetTriggerRevisionDetailsResponseSchema,
  GetTriggerRevisionHistoryResponseSchema,
  type ListTriggersRequest,
  ListTriggersResponseSchema,
  TriggerService,
  UpdateTriggersResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/trigger/trigger_service_pb.ts";
