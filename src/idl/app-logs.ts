export {
  type LogLines as AppLogLines,
  type TailLogsRequest as TailAppLogsRequest,
  type TailLogsResponse as TailAppLogsResponse,
  TailLogsResponseSchema as TailAppLogsResponseSchema,
} from "@flyteorg/flyteidl2/flyteidl2/app/app_logs_payload_pb.ts";
export { AppLogsService } from "@flyteorg/flyteidl2/flyteidl2/app/app_logs_service_pb.ts";
