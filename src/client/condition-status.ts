import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { ActionDetails } from "../idl/runs.ts";
import { FlyteError } from "../shared/errors.ts";
import { readConditionDetails } from "../values/condition-details.ts";
import { isTerminal, toPhase } from "../values/phases.ts";
import type { ConditionStatus } from "./condition-calls.ts";
import type { AskedRun } from "./run-status.ts";

/**
 * The state of a condition, from the details of its action; undefined for an action that is none.
 *
 * @throws FlyteError `internal` when the answer has no phase, or one this version does not know
 */
export function toConditionStatus(
  details: ActionDetails | undefined,
  asked: AskedRun,
): ConditionStatus | undefined {
  const condition = details === undefined ? undefined : readConditionDetails(details);
  if (details === undefined || condition === undefined) return undefined;
  const phase = toPhase(details.status?.phase ?? 0);
  if (phase === undefined) {
    throw new FlyteError(
      "internal",
      `The control plane told no phase of condition ${condition.name} that this version knows.`,
    );
  }
  return {
    ...condition,
    project: details.id?.run?.project || asked.project,
    domain: details.id?.run?.domain || asked.domain,
    run: details.id?.run?.name || asked.name,
    action: details.id?.name ?? "",
    parent: details.metadata?.parent ?? "",
    phase,
    open: !isTerminal(phase),
    since: toDate(details.status?.startTime),
    endedAt: toDate(details.status?.endTime),
    signalledBy: condition.signalledBy?.principal.value?.id?.subject || undefined,
  };
}

function toDate(timestamp: Timestamp | undefined): Date | undefined {
  return timestamp === undefined ? undefined : timestampDate(timestamp);
}
