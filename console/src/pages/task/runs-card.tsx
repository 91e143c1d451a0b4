import type { VNode } from "preact";
import { useCall } from "../../control-plane/use-call.ts";
import { runsPath, type Scope } from "../../scope.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { RunTable } from "../../ui/run-table.tsx";
import { readRuns } from "./read-task.ts";

/** The last runs of a task. */
export function RunsCard({ scope, task }: { readonly scope: Scope; readonly task: string }): VNode {
  const { data, error, reload } = useCall(JSON.stringify(["runs", scope, task]), (signal) =>
    readRuns(scope, task, signal),
  );
  return (
    <section class="card" aria-labelledby="task-runs">
      <div class="row card-head">
        <h2 id="task-runs">Its last runs</h2>
        <a href={runsPath(scope, { task })}>All its runs</a>
      </div>
      <ErrorNotice error={error} retry={reload} />
      {data?.length === 0 && <p class="muted">It has not run yet. Launch it.</p>}
      {data !== undefined && data.length > 0 && (
        <RunTable scope={scope} runs={data} label="Runs of the task" />
      )}
    </section>
  );
}
