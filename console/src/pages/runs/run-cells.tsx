import type { VNode } from "preact";
import { memo } from "preact/compat";
import { runPath, type Scope, taskPath, triggerPath } from "../../scope.ts";
import { Elapsed } from "../../ui/elapsed.tsx";
import { isEndPhase, Phase } from "../../ui/phase.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { Version } from "../../ui/version.tsx";
import type { RunRow } from "./run-row.ts";

const longestName = 120;

/** The cells of a run; drawn again only when the run has changed, wherever its row is. */
export const RunCells = memo(function RunCells({
  run,
  scope,
}: {
  readonly run: RunRow;
  readonly scope: Scope;
}): VNode {
  const { name, phase, task, owner, source, trigger, startedMs } = run;
  return (
    <>
      <td class="run-name">
        <a href={runPath(scope, name)}>
          <Text max={longestName}>{name}</Text>
        </a>
      </td>
      <td class="run-phase">
        <Phase phase={phase} />
      </td>
      <td class="run-task">
        {task === undefined ? <span class="muted">–</span> : <TaskLink task={task} />}
      </td>
      <td class="run-owner">
        <Text max={longestName}>{owner?.name ?? "–"}</Text>
      </td>
      <td class="run-source">
        {source}
        {trigger !== undefined && (
          <>
            {": "}
            <a href={triggerPath(trigger, trigger.task, trigger.name)}>
              <Text max={longestName}>{trigger.name}</Text>
            </a>
          </>
        )}
      </td>
      <td class="run-started">
        <Time at={new Date(startedMs)} isRelative />
      </td>
      <td class="run-duration">
        <Duration run={run} />
      </td>
    </>
  );
});

function TaskLink({ task }: { readonly task: NonNullable<RunRow["task"]> }): VNode {
  const { name, version } = task;
  return (
    <>
      <a href={taskPath(task, name, version)}>
        <Text max={longestName}>{name}</Text>
      </a>
      {version !== "" && (
        <span class="run-version muted">
          <Version>{version}</Version>
        </span>
      )}
    </>
  );
}

function Duration({ run: { startedMs, endedMs, phase } }: { readonly run: RunRow }): VNode {
  // Not told, rather than still counting.
  if (endedMs === undefined && isEndPhase(phase)) return <span class="muted">–</span>;
  return <Elapsed from={startedMs} to={endedMs} />;
}
