import type { VNode } from "preact";
import type { Task } from "../../../../src/idl/tasks.ts";
import { launchPath, type Scope, taskPath } from "../../scope.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { Version } from "../../ui/version.tsx";
import type { TaskOrder } from "./list-tasks.ts";
import { triggersWords } from "./triggers-words.ts";

export interface TasksTableProps {
  readonly scope: Scope;
  readonly tasks: readonly Task[];
  readonly order: TaskOrder;
  readonly onOrder: (order: TaskOrder) => void;
}

export function TasksTable({ scope, tasks, order, onOrder }: TasksTableProps): VNode {
  return (
    <TableFrame label="List of tasks">
      <table class="table stacked tasks" aria-label="Tasks">
        <thead>
          <tr>
            <Head title="Task" of="name" direction="ascending" order={order} onOrder={onOrder} />
            <th scope="col">Version</th>
            <Head
              title="Deployed"
              of="deployed"
              direction="descending"
              order={order}
              onOrder={onOrder}
            />
            <th scope="col">Triggers</th>
            <th scope="col">
              <span class="visually-hidden">Launch</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <TaskLine key={task.taskId?.name} scope={scope} task={task} />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Head({
  title,
  of,
  direction,
  order,
  onOrder,
}: Pick<TasksTableProps, "order" | "onOrder"> & {
  readonly title: string;
  readonly of: TaskOrder;
  readonly direction: "ascending" | "descending";
}): VNode {
  const isCurrent = order === of;
  const sign = direction === "ascending" ? "↑" : "↓";
  return (
    <th scope="col" aria-sort={isCurrent ? direction : "none"}>
      <button type="button" class="sort" onClick={() => onOrder(of)}>
        {title} <span aria-hidden="true">{isCurrent ? sign : ""}</span>
      </button>
    </th>
  );
}

function TaskLine({ scope, task }: { readonly scope: Scope; readonly task: Task }): VNode {
  const { name = "", version = "" } = task.taskId ?? {};
  const { metadata } = task;
  const by = toIdentityName(metadata?.deployedBy);
  return (
    <tr>
      <th scope="row">
        <a href={taskPath(scope, name)}>
          <Text max={120}>{name}</Text>
        </a>
        {metadata !== undefined && metadata.shortDescription !== "" && (
          <div class="muted task-words">
            <Text max={255}>{metadata.shortDescription}</Text>
          </div>
        )}
      </th>
      <td>
        <a href={taskPath(scope, name, version)}>
          <Version>{version}</Version>
        </a>
      </td>
      <td>
        <Time at={metadata?.deployedAt} isRelative />
        {by !== undefined && (
          <div class="muted">
            by <Text max={60}>{by}</Text>
          </div>
        )}
      </td>
      <td class="wide">{triggersWords(metadata?.triggersSummary)}</td>
      <td class="task-launch row-end">
        <a
          class="button"
          href={launchPath(scope, name)}
          aria-label={`Launch ${toAttributeText(name)}`}
        >
          Launch
        </a>
      </td>
    </tr>
  );
}
