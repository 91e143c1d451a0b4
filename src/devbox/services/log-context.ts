import { create } from "@bufbuild/protobuf";
import { type LogContext, LogContextSchema } from "../../idl/execution.ts";
import type { ActionRow } from "../store/actions.ts";

/** Where the lines of an attempt come from, in a cluster's words: one pod with one container. */
export function toLogContext(row: Pick<ActionRow, "run" | "name">, attempt: number): LogContext {
  const podName = `${row.run}-${row.name}-${attempt - 1}`;
  return create(LogContextSchema, {
    primaryPodName: podName,
    pods: [
      {
        namespace: "devbox",
        podName,
        primaryContainerName: row.name,
        containers: [{ containerName: row.name }],
      },
    ],
  });
}
