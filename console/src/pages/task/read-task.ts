import { Sort_Direction } from "../../../../src/idl/identifiers.ts";
import type { Run } from "../../../../src/idl/runs.ts";
import type { TaskDetails } from "../../../../src/idl/tasks.ts";
import type { Trigger } from "../../../../src/idl/triggers.ts";
import { runs, tasks, triggers } from "../../control-plane/clients.ts";
import { latestVersion, readTaskDetails } from "../../control-plane/read-task.ts";
import type { Scope } from "../../scope.ts";

/** A version of a task. */
export interface ReadTask {
  readonly details: TaskDetails;
  readonly latest: string;
}

/** @param version - undefined for the latest */
export async function readTask(
  scope: Scope,
  task: string,
  version: string | undefined,
  signal: AbortSignal,
): Promise<ReadTask> {
  const latest = await latestVersion(scope, task, signal);
  const id = { name: task, version: version ?? latest };
  return { latest, details: (await readTaskDetails(scope, id, signal)).details };
}

/** Versions in one answer. */
const versionsShown = 100;

export interface Versions {
  readonly versions: readonly { readonly version: string; readonly deployedAt?: VersionTime }[];
  readonly hasMore: boolean;
}

type VersionTime = NonNullable<
  Awaited<ReturnType<typeof tasks.listVersions>>["versions"][number]["deployedAt"]
>;

/** The versions of a task, the newest first. */
export async function readVersions(
  scope: Scope,
  task: string,
  signal: AbortSignal,
): Promise<Versions> {
  const taskName = { ...scope, name: task };
  const request = { limit: versionsShown };
  const { versions, token } = await tasks.listVersions({ taskName, request }, { signal });
  return { versions, hasMore: token !== "" };
}

const runsShown = 10;

/** The last runs of a task, of any version. */
export async function readRuns(
  scope: Scope,
  task: string,
  signal: AbortSignal,
): Promise<readonly Run[]> {
  const { runs: found } = await runs.listRuns(
    {
      scopeBy: { case: "taskName", value: { ...scope, name: task } },
      request: {
        limit: runsShown,
        sortBy: { key: "created_at", direction: Sort_Direction.DESCENDING },
      },
    },
    { signal },
  );
  return found;
}

/** The triggers of a task. */
export async function readTriggers(
  scope: Scope,
  task: string,
  signal: AbortSignal,
): Promise<readonly Trigger[]> {
  const { triggers: found } = await triggers.listTriggers(
    { scopeBy: { case: "taskName", value: { ...scope, name: task } }, request: { limit: 100 } },
    { signal },
  );
  return found;
}
