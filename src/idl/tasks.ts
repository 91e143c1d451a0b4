export {
  type Container,
  ContainerSchema,
  Resources_ResourceName,
  ResourcesSchema,
  TaskMetadataSchema as CoreTaskMetadataSchema,
  TaskTemplateSchema,
} from "@flyteorg/flyteidl2/flyteidl2/core/tasks_pb.ts";
export {
  type Inputs,
  InputsSchema,
  type NamedParameter,
  NamedParameterSchema,
  type Outputs,
  OutputsSchema,
} from "@flyteorg/flyteidl2/flyteidl2/task/common_pb.ts";

export {
  SourceCodeSchema,
  type Task,
  type TaskDetails,
  TaskDetailsSchema,
  type TaskIdentifier,
  TaskIdentifierSchema,
  type TaskMetadata,
  TaskMetadataSchema,
  TaskSchema,
  type TaskSpec,
  TaskSpecSchema,
} from "@flyteorg/flyteidl2/flyteidl2/task/task_definition_pb.ts";
export {
  type DeployTaskRequest,
  DeployTaskResponseSchema,
  GetTaskDetailsResponseSchema,
  type ListTasksRequest,
  ListTasksResponseSchema,
  ListVersionsResponseSchema,
  TaskService,
} from "@flyteorg/flyteidl2/flyteidl2/task/task_service_pb.ts";
