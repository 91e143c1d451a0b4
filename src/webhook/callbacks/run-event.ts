import type { RunStatus } from "../../client/control-plane.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { RunPlace } from "./notice.ts";

/** Longer words of a task are cut. */
const mostOfError = 8_192;

/** What became of what a run gave. */
export type ToldOutputs =
  | { readonly outputs: JsonObject | null }
  | { readonly outputs: null; readonly outputs_error: string };

/** What receivers are told of a run that has ended, in the form that Standard Webhooks recommends. */
export function runEvent(run: RunStatus, outputs: ToldOutputs | undefined): JsonObject {
  const { project, domain, name, phase, url, task, error, abortReason } = run;
  return {
    type: phase === "recovered" ? "run.succeeded" : `run.${phase}`,
    timestamp: (run.endedAt ?? run.startedAt ?? new Date(0)).toISOString(),
    data: {
      ...{ name, project, domain, phase, url },
      task: task === undefined ? null : { ...task },
      ...(error !== undefined && {
        error: { kind: error.kind, message: error.message.slice(0, mostOfError) },
      }),
      ...(abortReason !== undefined && { abort_reason: abortReason.slice(0, mostOfError) }),
      started_at: run.startedAt?.toISOString() ?? null,
      ended_at: run.endedAt?.toISOString() ?? null,
      ...outputs,
    },
  };
}

/** What they are told of a run that the control plane does not know any more. */
export function unknownRunEvent({ name, project, domain }: RunPlace, since: number): JsonObject {
  const timestamp = new Date(since).toISOString();
  return { type: "run.unknown", timestamp, data: { name, project, domain } };
}
