export {
  CreateProjectResponseSchema,
  GetProjectResponseSchema,
  ListProjectsResponseSchema,
  type Project,
  ProjectSchema,
  ProjectService,
  ProjectState,
  UpdateProjectResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/project/project_service_pb.ts";
