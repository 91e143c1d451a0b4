import type { VNode } from "preact";
import type { Run } from "../../../../src/idl/runs.ts";
import { runsPath, type Scope } from "../../scope.ts";
import { RunTable } from "../../ui/run-table.tsx";

export interface RunsCardProps {
  readonly scope: Scope;
  readonly task: string;
  readonly runs: readonly Run[];
  /** Whether there are more than these. */
  readonly hasMore: boolean;
}

/** The runs that a trigger started, the newest first. */
export function RunsCard({ scope, task, runs, hasMore }: RunsCardProps): VNode {
  return (
    <section class="card" aria-labelledby="trigger-runs">
      <div class="row card-head">
        <h2 id="trigger-runs">{hasMore ? `Its last ${runs.length} runs` : "Its runs"}</h2>
        <a href={runsPath(scope, { task })}>All runs of the task</a>
      </div>
      {runs.length === 0 ? (
        <p class="muted">It has not started one yet.</p>
      ) : (
        <RunTable scope={scope} runs={runs} label="Runs of the trigger" />
      )}
    </section>
  );
}
