import type { VNode } from "preact";
import { runPath, type Scope, taskPath, triggerPath } from "../../scope.ts";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { useNow } from "../../ui/use-now.ts";
import { ScheduleText } from "./schedule-text.tsx";
import { nextFireOf, type TriggerRow } from "./trigger-row.ts";
import { TriggerSwitch } from "./trigger-switch.tsx";
import { useLastRuns } from "./use-last-runs.ts";

export interface TriggersTableProps {
  readonly scope: Scope;
  readonly rows: readonly TriggerRow[];
  readonly reload: () => void;
  readonly onError: (row: TriggerRow, error: unknown) => void;
}

export function TriggersTable({ scope, rows, reload, onError }: TriggersTableProps): VNode {
  const lastRunOf = useLastRuns(rows);
  return (
    <TableFrame label="List of triggers">
      <table class="table triggers" aria-label="Triggers">
        <thead>
          <tr>
            <th scope="col">Trigger</th>
            <th scope="col">State</th>
            <th scope="col">Schedule</th>
            <th scope="col">Next fire</th>
            <th scope="col">Last fire</th>
            <th scope="col" class="number">
              Revision
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={JSON.stringify([row.task, row.name])}>
              <th scope="row">
                <a href={triggerPath(scope, row.task, row.name)}>
                  <Text max={100}>{row.name}</Text>
                </a>
                <div class="of-task">
                  <span class="muted">of </span>
                  <a href={taskPath(scope, row.task)}>
                    <Text max={100}>{row.task}</Text>
                  </a>
                </div>
              </th>
              <td>
                <TriggerSwitch row={row} reload={reload} onError={(error) => onError(row, error)} />
              </td>
              <td>
                <ScheduleText schedule={row.schedule} />
              </td>
              <td>
                <NextFire row={row} />
              </td>
              <td>
                <LastFire scope={scope} at={row.lastFiredAt} run={lastRunOf(row)} />
              </td>
              <td class="number">{row.revision.toString()}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function NextFire({ row }: { readonly row: TriggerRow }): VNode {
  const next = nextFireOf(row, useNow());
  if (next === undefined) return <span class="muted">–</span>;
  const at = new Date(next);
  return (
    <>
      <Time at={at} isRelative />
      <div class="muted">
        <Time at={at} />
      </div>
    </>
  );
}

function LastFire({
  scope,
  at,
  run,
}: {
  readonly scope: Scope;
  readonly at: number | undefined;
  readonly run: string | undefined;
}): VNode {
  if (at === undefined) return <span class="muted">never</span>;
  return (
    <>
      <Time at={new Date(at)} isRelative />
      {run !== undefined && (
        <div>
          <a class="mono" href={runPath(scope, run)}>
            <Text max={80}>{run}</Text>
          </a>
        </div>
      )}
    </>
  );
}
