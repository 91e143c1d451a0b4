import type { ComponentChildren, VNode } from "preact";
import { useState } from "preact/hooks";
import type { TaskInterface } from "../../../../src/values/task-inputs.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { navigate } from "../../navigation/location.ts";
import { type Scope, triggersPath } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Text } from "../../ui/text.tsx";
import { TriggerSwitch } from "../triggers/trigger-switch.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { FireDialog } from "./fire-dialog.tsx";
import { HistoryCard } from "./history-card.tsx";
import { toInputRows } from "./input-rows.ts";
import { InputsCard } from "./inputs-card.tsx";
import { NextFiresCard } from "./next-fires-card.tsx";
import { readTaskSpec, type TriggerState } from "./read-trigger.ts";
import { RunsCard } from "./runs-card.tsx";
import { TriggerFacts } from "./trigger-facts.tsx";

export interface LiveTriggerProps {
  readonly scope: Scope;
  readonly state: TriggerState & { readonly trigger: NonNullable<TriggerState["trigger"]> };
  readonly reload: () => void;
  /** What stands below its name. */
  readonly children: ComponentChildren;
}

/** A trigger that is there. */
export function LiveTrigger({ scope, state, reload, children }: LiveTriggerProps): VNode {
  const { details, row } = state.trigger;
  const { spec } = details;
  const version = spec?.taskVersion ?? "";
  const task = useCall(JSON.stringify([row.task, version]), (signal) =>
    readTaskSpec(row, version, signal),
  );
  const [dialog, setDialog] = useState<"fire" | "delete">();
  const [refused, setRefused] = useState<unknown>();
  const close = (): void => setDialog(undefined);
  const timeInput = row.schedule?.kickoffTimeInputArg ?? "";
  const taken = toTaskInterface(task.data);
  const description = details.description || spec?.description || "";
  return (
    <>
      <PageHeader title={row.name} above={{ title: "Triggers", href: triggersPath(scope) }}>
        <TriggerSwitch row={row} reload={reload} onError={setRefused} />
        <Button kind="primary" isDisabled={taken === undefined} onClick={() => setDialog("fire")}>
          Fire now
        </Button>
        <Button kind="danger" onClick={() => setDialog("delete")}>
          Delete
        </Button>
      </PageHeader>
      <div class="row trigger-below">
        <p class="trigger-description">
          <Text max={1_000}>{description}</Text>
        </p>
        {children}
      </div>
      <ErrorNotice error={refused} />
      <TriggerFacts row={row} details={details} lastRun={state.runs[0]?.action?.id?.run?.name} />
      <div class="trigger-columns">
        <NextFiresCard row={row} />
        {taken !== undefined && <InputsCard rows={toInputRows({ spec, timeInput, taken })} />}
        <ErrorNotice error={task.error} retry={task.reload} />
      </div>
      <RunsCard scope={scope} task={row.task} runs={state.runs} hasMore={state.hasMoreRuns} />
      <HistoryCard revisions={state.revisions} />
      {dialog === "fire" && taken !== undefined && spec !== undefined && (
        <FireDialog trigger={row} spec={spec} timeInput={timeInput} taken={taken} onClose={close} />
      )}
      {dialog === "delete" && (
        <DeleteDialog
          trigger={row}
          onClose={close}
          onDeleted={() => navigate(triggersPath(scope))}
        />
      )}
    </>
  );
}

function toTaskInterface(
  spec: Awaited<ReturnType<typeof readTaskSpec>>,
): TaskInterface | undefined {
  if (spec === undefined) return undefined;
  return { interface: spec.taskTemplate?.interface, defaultInputs: spec.defaultInputs };
}
