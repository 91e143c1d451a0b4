import { ActionPhase, Filter_Function } from "../idl/identifiers.ts";
import { RunService } from "../idl/runs.ts";
import { startCall } from "./call-context.ts";
import type { CallOptions, ControlPlane, RunStatus, TaskRef } from "./control-plane.ts";
import { newestFirst } from "./list-pages.ts";
import { toRunStatus } from "./run-status.ts";
import { toProjectId, toScope } from "./session.ts";
import { sessionOf } from "./session-of.ts";

/**
 * The run of a task that was started last and has succeeded; of any version, unless one is named.
 * Undefined when there is none.
 */
export async function findSucceededRun(
  controlPlane: ControlPlane,
  task: TaskRef,
  options?: CallOptions,
): Promise<RunStatus | undefined> {
  const session = sessionOf(controlPlane);
  const scope = toScope(session, task);
  const filters = [
    { field: "phase", values: [String(ActionPhase.SUCCEEDED)] },
    { field: "task_name", values: [task.name] },
    ...(task.version === undefined ? [] : [{ field: "task_version", values: [task.version] }]),
  ].map((filter) => ({ ...filter, function: Filter_Function.EQUAL }));
  const { runs } = await session.channel.unary(
    RunService.method.listRuns,
    {
      scopeBy: { case: "projectId", value: toProjectId(session, scope) },
      request: { ...newestFirst(1), filters },
    },
    startCall(options, session.options.timeoutMs),
  );
  const [newest] = runs;
  if (newest === undefined) return undefined;
  const { consoleUrl } = session.options;
  return toRunStatus(newest.action, { ...scope, name: "", consoleUrl });
}
