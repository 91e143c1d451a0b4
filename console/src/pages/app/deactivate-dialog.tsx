import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { apps } from "../../control-plane/clients.ts";
import { useAction } from "../../control-plane/use-action.ts";
import type { Scope } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field } from "../../ui/field.tsx";
import { switchApp } from "./switch-app.ts";

/** Of a reason, by `flyteidl2.app.UpdateRequest`. */
const longestReason = 100;

/** Asks before an app stops answering. */
export function DeactivateDialog({
  scope,
  name,
  onClose,
}: {
  readonly scope: Scope;
  readonly name: string;
  readonly onClose: () => void;
}): VNode {
  const [reason, setReason] = useState("");
  const action = useAction(async () => {
    const given = reason.trim() || "Deactivated in the console";
    await switchApp(apps, { ...scope, name, wanted: "deactivated", reason: given });
    onClose();
  });
  return (
    <Dialog title={`Deactivate the app ${name}?`} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void action.run();
        }}
      >
        <p>Its replicas end, and its address answers no more until the app is active again.</p>
        <Field label="Reason" hint="Shown in its history.">
          {(field) => (
            <input
              {...field}
              maxLength={longestReason}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          )}
        </Field>
        <ErrorNotice error={action.error} />
        <div class="row">
          <Button kind="primary" type="submit" isBusy={action.isRunning}>
            Deactivate
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
