export {
  AbortResponseSchema as AbortEnqueuedResponseSchema,
  type Action as EnqueuedAction,
  ActionsService,
  type EnqueueRequest,
  type EnqueueResponse,
  EnqueueResponseSchema,
  SignalResponseSchema,
  type WatchForUpdatesRequest,
  type WatchForUpdatesResponse,
  WatchForUpdatesResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/actions/actions_service_pb.ts";
export {
  type ConditionAction,
  ConditionActionSchema,
  ConditionPromptType,
} from "@flyteorg/flyteidl2/flyteidl2/workflow/run_definition_pb.ts";
export {
  type ActionUpdate,
  ActionUpdateSchema,
} from "@flyteorg/flyteidl2/flyteidl2/workflow/state_service_pb.ts";
