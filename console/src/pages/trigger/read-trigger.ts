import { Sort_Direction } from "../../../../src/idl/identifiers.ts";
import type { Run } from "../../../../src/idl/runs.ts";
import type { TaskSpec } from "../../../../src/idl/tasks.ts";
import type { TriggerDetails, TriggerRevision } from "../../../../src/idl/triggers.ts";
import { runs, tasks, triggers } from "../../control-plane/clients.ts";
import { isNotFound } from "../../control-plane/error-words.ts";
import {
  type TriggerKey,
  type TriggerRow,
  toTriggerName,
  toTriggerRow,
} from "../triggers/trigger-row.ts";

/** Runs and revisions that the page shows. */
const shownRuns = 20;
const shownRevisions = 50;

/** What the page tells of a trigger. */
export interface TriggerState {
  /** Undefined for one that is deleted: what it was stays to be read. */
  readonly trigger: { readonly details: TriggerDetails; readonly row: TriggerRow } | undefined;
  readonly revisions: readonly TriggerRevision[];
  readonly runs: readonly Run[];
  /** Whether there are more runs than these. */
  readonly hasMoreRuns: boolean;
  /** When it was read, in milliseconds. */
  readonly readAt: number;
}

/** @throws ConnectError `not_found` where there never was such a trigger */
export async function readTriggerState(
  key: TriggerKey,
  signal: AbortSignal,
): Promise<TriggerState> {
  const name = toTriggerName(key);
  const readAt = Date.now();
  const [details, history, started] = await Promise.all([
    triggers.getTriggerDetails({ name }, { signal }).catch((error: unknown) => {
      if (isNotFound(error)) return { missing: error };
      throw error;
    }),
    triggers.getTriggerRevisionHistory({ name, request: { limit: shownRevisions } }, { signal }),
    runs.listRuns(
      {
        scopeBy: { case: "triggerName", value: name },
        request: {
          limit: shownRuns,
          sortBy: { key: "created_at", direction: Sort_Direction.DESCENDING },
        },
      },
      { signal },
    ),
  ]);
  const shared = {
    revisions: history.triggers,
    runs: started.runs,
    hasMoreRuns: started.token !== "",
    readAt,
  };
  if ("missing" in details || details.trigger === undefined) {
    if (history.triggers.length > 0) return { ...shared, trigger: undefined };
    throw "missing" in details ? details.missing : new Error("the answer names no trigger");
  }
  const { trigger } = details;
  const row = toTriggerRow(trigger, trigger.spec?.active === true, key);
  return { ...shared, trigger: { details: trigger, row } };
}

/** The task in the version that a trigger starts. */
export async function readTaskSpec(
  { project, domain, task }: TriggerKey,
  version: string,
  signal: AbortSignal,
): Promise<TaskSpec | undefined> {
  const taskId = { project, domain, name: task, version };
  const { details } = await tasks.getTaskDetails({ taskId }, { signal });
  return details?.spec;
}
