import type { VNode } from "preact";
import { triggers } from "../../control-plane/clients.ts";
import { useAction } from "../../control-plane/use-action.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Text } from "../../ui/text.tsx";
import { type TriggerKey, toTriggerName } from "../triggers/trigger-row.ts";

export function DeleteDialog({
  trigger,
  onClose,
  onDeleted,
}: {
  readonly trigger: TriggerKey;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}): VNode {
  const action = useAction(async () => {
    await triggers.deleteTriggers({ names: [toTriggerName(trigger)] });
    onClose();
    onDeleted();
  });
  return (
    <Dialog title={`Delete the trigger ${trigger.name}?`} onClose={onClose}>
      <p>
        The trigger of <Text max={100}>{trigger.task}</Text> fires no more. Runs it started go on,
        and its history stays here.
      </p>
      <ErrorNotice error={action.error} />
      <div class="row">
        <Button kind="danger" isBusy={action.isRunning} onClick={() => void action.run()}>
          Delete the trigger
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
