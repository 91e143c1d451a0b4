import type { VNode } from "preact";
import type { Run } from "../../../../src/idl/runs.ts";
import { runPath, runsPath, type Scope } from "../../scope.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { toSourceWords } from "../../text/run-source.ts";
import { Elapsed } from "../../ui/elapsed.tsx";
import { Phase } from "../../ui/phase.tsx";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";

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
        <TableFrame label="Runs of the trigger">
          <table class="table trigger-table" aria-label="Runs of the trigger">
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Phase</th>
                <th scope="col">Started</th>
                <th scope="col">Took</th>
                <th scope="col">Started by</th>
                <th scope="col">Owner</th>
              </tr>
            </thead>
            <tbody>
              {runs.map((run) => (
                <RunLine key={run.action?.id?.run?.name} scope={scope} run={run} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}

function RunLine({ scope, run }: { readonly scope: Scope; readonly run: Run }): VNode {
  const { id, status, metadata } = run.action ?? {};
  const name = id?.run?.name ?? "";
  return (
    <tr>
      <td>
        <a class="mono" href={runPath(scope, name)}>
          <Text max={80}>{name}</Text>
        </a>
      </td>
      <td>
        <Phase phase={status?.phase ?? 0} />
      </td>
      <td>
        <Time at={status?.startTime} isRelative />
      </td>
      <td>
        <Elapsed from={status?.startTime} to={status?.endTime} />
      </td>
      <td>{metadata === undefined ? "–" : toSourceWords(metadata)}</td>
      <td>
        <Text max={100}>{toIdentityName(metadata?.executedBy) ?? "unknown"}</Text>
      </td>
    </tr>
  );
}
