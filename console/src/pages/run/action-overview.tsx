import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { type ActionDetails, ActionType } from "../../../../src/idl/runs.ts";
import { pagePath } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { Elapsed } from "../../ui/elapsed.tsx";
import { Fact } from "../../ui/fact.tsx";
import { isEndPhase } from "../../ui/phase.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { AbortDialog } from "./abort-dialog.tsx";
import { ActionData } from "./action-data.tsx";
import { Outcome } from "./outcome.tsx";
import { rootAction } from "./run-action.ts";
import { TaskLink } from "./run-facts.tsx";
import { TimelineView } from "./timeline-view.tsx";
import type { RunActions, RunKey } from "./use-run-actions.ts";

/** How an action went, what went in and what came out. */
export function ActionOverview({
  run,
  actions,
  details,
}: {
  readonly run: RunKey;
  readonly actions: RunActions;
  readonly details: ActionDetails;
}): VNode {
  const name = details.id?.name ?? "";
  const isCondition = details.metadata?.actionType === ActionType.CONDITION;
  return (
    <>
      {name !== rootAction && <ChildFacts run={run} actions={actions} details={details} />}
      <Outcome details={details} />
      {!isCondition && <TimelineView details={details} />}
      {!isCondition && <ActionData run={run} details={details} />}
    </>
  );
}

/** Facts of an action below the root; those of the run stand above. */
function ChildFacts({
  run,
  actions,
  details,
}: {
  readonly run: RunKey;
  readonly actions: RunActions;
  readonly details: ActionDetails;
}): VNode {
  const [isAborting, setIsAborting] = useState(false);
  const { metadata, status } = details;
  const name = details.id?.name ?? "";
  const phase = actions.byName.get(name)?.phase ?? status?.phase ?? 0;
  const task = metadata?.spec.case === "task" ? metadata.spec.value.id : undefined;
  const parent = metadata?.parent ?? "";
  const parentQuery = { action: parent === rootAction ? undefined : parent };
  return (
    <section class="card" aria-label="Facts of the action">
      <dl class="facts run-facts">
        {task !== undefined && (
          <Fact name="Task">
            <TaskLink
              scope={{ project: task.project, domain: task.domain }}
              name={task.name}
              version={task.version}
            />
          </Fact>
        )}
        {parent !== "" && (
          <Fact name="Parent">
            <a href={pagePath(run, ["runs", run.name], parentQuery)}>
              <Text max={100}>{actions.byName.get(parent)?.label ?? parent}</Text>
            </a>
          </Fact>
        )}
        {metadata?.group !== undefined && metadata.group !== "" && (
          <Fact name="Group">
            <Text max={100}>{metadata.group}</Text>
          </Fact>
        )}
        <Fact name="Started">
          <Time at={status?.startTime} />
        </Fact>
        <Fact name="Duration">
          <Elapsed from={status?.startTime} to={status?.endTime} />
        </Fact>
      </dl>
      {!isEndPhase(phase) && (
        <div class="row">
          <Button kind="danger" onClick={() => setIsAborting(true)}>
            Abort this action
          </Button>
        </div>
      )}
      {isAborting && (
        <AbortDialog
          run={run}
          action={name}
          phase={phase}
          onClose={() => setIsAborting(false)}
          onDone={() => undefined}
        />
      )}
    </section>
  );
}
