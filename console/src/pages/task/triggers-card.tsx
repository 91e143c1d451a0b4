import type { VNode } from "preact";
import type { Trigger } from "../../../../src/idl/triggers.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { type Scope, triggerPath } from "../../scope.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { ScheduleText } from "../triggers/schedule-text.tsx";
import { readTriggers } from "./read-task.ts";

/** The triggers of a task. */
export function TriggersCard({
  scope,
  task,
}: {
  readonly scope: Scope;
  readonly task: string;
}): VNode {
  const { data, error, reload } = useCall(JSON.stringify(["triggers", scope, task]), (signal) =>
    readTriggers(scope, task, signal),
  );
  return (
    <section class="card" aria-labelledby="task-triggers">
      <h2 id="task-triggers">Its triggers</h2>
      <ErrorNotice error={error} retry={reload} />
      {data?.length === 0 && <p class="muted">Nothing starts it by itself.</p>}
      {data !== undefined && data.length > 0 && (
        <TableFrame label="Table of triggers">
          <table class="table" aria-label="Triggers">
            <thead>
              <tr>
                <th scope="col">Trigger</th>
                <th scope="col">State</th>
                <th scope="col">Schedule</th>
              </tr>
            </thead>
            <tbody>
              {data.map((trigger) => (
                <TriggerLine key={trigger.id?.name?.name} scope={scope} trigger={trigger} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}

function TriggerLine({
  scope,
  trigger,
}: {
  readonly scope: Scope;
  readonly trigger: Trigger;
}): VNode {
  const { taskName = "", name = "" } = trigger.id?.name ?? {};
  const automation = trigger.automationSpec?.automation;
  return (
    <tr>
      <td>
        <a href={triggerPath(scope, taskName, name)}>
          <Text max={120}>{name}</Text>
        </a>
      </td>
      <td>{trigger.active ? "On" : "Off"}</td>
      <td>
        <ScheduleText schedule={automation?.case === "schedule" ? automation.value : undefined} />
      </td>
    </tr>
  );
}
