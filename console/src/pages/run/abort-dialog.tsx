import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { isTerminal, type Phase, toPhase } from "../../../../src/values/phases.ts";
import { runs } from "../../control-plane/clients.ts";
import { useAction } from "../../control-plane/use-action.ts";
import { toPhaseWords } from "../../text/phase-words.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field } from "../../ui/field.tsx";
import { isEndPhase } from "../../ui/phase.tsx";
import { rootAction } from "./run-action.ts";
import type { RunKey } from "./use-run-actions.ts";

/** What a control plane keeps of a reason. */
const longestReason = 1_000;

/** Asks for a reason and aborts a run, or one of its actions. */
export function AbortDialog({
  run,
  action: name,
  phase,
  onClose,
  onDone,
}: {
  readonly run: RunKey;
  readonly action: string;
  /** As it is now: it may end while the dialog is open. */
  readonly phase: number;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): VNode {
  const [reason, setReason] = useState("");
  const what = name === rootAction ? "run" : "action";
  const [endedAs, setEndedAs] = useState<Phase>();
  const known = isEndPhase(phase) ? toPhase(phase) : endedAs;
  const abort = useAction(async () => {
    const actionId = { run, name };
    if (name === rootAction) await runs.abortRun({ runId: run, reason });
    else await runs.abortAction({ actionId, reason });
    onDone();
    // What had ended before stays as it ended, and that is no error of the call.
    const { details } = await runs.getActionDetails({ actionId });
    const after = toPhase(details?.status?.phase ?? 0);
    if (after !== undefined && after !== "aborted" && isTerminal(after)) setEndedAs(after);
    else onClose();
  });
  return (
    <Dialog title={`Abort this ${what}?`} onClose={onClose}>
      {known !== undefined && !abort.isRunning ? (
        <>
          <p class="notice" role="status">
            The {what} has ended meanwhile: it is {toPhaseWords(known).toLowerCase()}. There is
            nothing left to abort.
          </p>
          <div class="row">
            <Button onClick={onClose}>Close</Button>
          </div>
        </>
      ) : (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void abort.run();
          }}
        >
          <p>It stops at once, with everything it has started. It cannot be continued.</p>
          <Field label="Reason" hint="Everybody who looks at it reads this.">
            {(field) => (
              <input
                {...field}
                maxLength={longestReason}
                autocomplete="off"
                value={reason}
                onInput={(event) => setReason(event.currentTarget.value)}
              />
            )}
          </Field>
          <ErrorNotice error={abort.error} />
          <div class="row">
            <Button kind="danger" type="submit" isBusy={abort.isRunning}>
              Abort the {what}
            </Button>
            <Button onClick={onClose}>Keep it going</Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
