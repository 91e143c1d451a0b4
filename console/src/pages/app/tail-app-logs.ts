import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { CallOptions } from "@connectrpc/connect";
import type { TailAppLogsResponse } from "../../../../src/idl/app-logs.ts";
import { appLogs } from "../../control-plane/clients.ts";
import type { Scope } from "../../scope.ts";
import type { LogLine } from "../../ui/log-view.tsx";

/** What the replicas of an app have written, and what they write. */
export async function* tailAppLogs(
  { project, domain }: Scope,
  name: string,
  options: Pick<CallOptions, "signal" | "onHeader">,
): AsyncGenerator<readonly LogLine[], void, undefined> {
  const target = { case: "appId" as const, value: { project, domain, name } };
  for await (const answer of appLogs.tailLogs({ target }, options)) {
    const lines = toLogLines(answer);
    if (lines.length > 0) yield lines;
  }
}

function toLogLines({ resp }: TailAppLogsResponse): readonly LogLine[] {
  // The names of replicas come before their lines, which have them as well.
  if (resp.case !== "batches") return [];
  return resp.value.logs.flatMap(({ replicaId, structuredLines }) =>
    structuredLines.map(({ message, timestamp }) => ({
      message,
      time: timestamp && timestampDate(timestamp),
      source: replicaId?.name,
    })),
  );
}
