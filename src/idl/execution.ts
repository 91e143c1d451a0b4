export {
  ContainerError_Kind,
  type ErrorDocument,
  ErrorDocumentSchema,
  ExecutionError_ErrorKind,
  type LogContext,
  LogContextSchema,
} from "@flyteorg/flyteidl2/flyteidl2/core/execution_pb.ts";
