export {
  CreateResponseSchema as CreateAppResponseSchema,
  DeleteResponseSchema as DeleteAppResponseSchema,
  type GetRequest as GetAppRequest,
  GetResponseSchema as GetAppResponseSchema,
  type ListRequest as ListAppsRequest,
  type ListResponse as ListAppsResponse,
  ListResponseSchema as ListAppsResponseSchema,
  UpdateResponseSchema as UpdateAppResponseSchema,
  type WatchRequest as WatchAppsRequest,
} from "@flyteorg/flyteidl2/flyteidl2/app/app_payload_pb.ts";
