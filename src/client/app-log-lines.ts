import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { AppLogLines, TailAppLogsResponse } from "../idl/app-logs.ts";
import type { LogLine } from "../idl/logs.ts";
import type { AppLogLine } from "./app-calls.ts";
import type { MarkedLine } from "./log-marks.ts";

/** A line as it came, with what is needed to know it again. */
export interface ReceivedLine extends MarkedLine {
  readonly message: string;
}

/** The lines in an answer of `AppLogsService.TailLogs`, in any of its three forms. */
export function readAppLogLines({ resp }: TailAppLogsResponse): readonly ReceivedLine[] {
  switch (resp.case) {
    case "batches":
      return resp.value.logs.flatMap(readBatch);
    case "logLines": {
      const replica = resp.value.container?.kubernetesPodName ?? "";
      return toLines(replica, resp.value);
    }
    default:
      // A list of the replicas, before the lines.
      return [];
  }
}

export function toAppLogLine({ message, replica, timestamp }: ReceivedLine): AppLogLine {
  return { message, time: timestamp && timestampDate(timestamp), replica };
}

function readBatch(lines: AppLogLines): readonly ReceivedLine[] {
  return toLines(lines.replicaId?.name ?? "", lines);
}

/** Older control planes tell plain texts. */
function toLines(
  replica: string,
  {
    structuredLines,
    lines,
  }: { readonly structuredLines: readonly LogLine[]; readonly lines: readonly string[] },
): readonly ReceivedLine[] {
  if (structuredLines.length === 0) {
    return lines.map((message) => ({ message, replica, timestamp: undefined }));
  }
  return structuredLines.map(({ message, timestamp }) => ({ message, replica, timestamp }));
}
