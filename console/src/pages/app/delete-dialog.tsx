import type { VNode } from "preact";
import { apps } from "../../control-plane/clients.ts";
import { useAction } from "../../control-plane/use-action.ts";
import { navigate } from "../../navigation/location.ts";
import { appsPath, type Scope } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";

/** Asks before an app is gone. */
export function DeleteDialog({
  scope,
  name,
  onClose,
}: {
  readonly scope: Scope;
  readonly name: string;
  readonly onClose: () => void;
}): VNode {
  const { project, domain } = scope;
  const action = useAction(async () => {
    await apps.delete({ appId: { project, domain, name } });
    navigate(appsPath(scope));
  });
  return (
    <Dialog title={`Delete the app ${name}?`} onClose={onClose}>
      <p>
        Its replicas end, and its logs and history go with it. To have it back, it has to be
        deployed again. To stop it for a while, deactivate it.
      </p>
      <ErrorNotice error={action.error} />
      <div class="row">
        <Button kind="danger" isBusy={action.isRunning} onClick={() => void action.run()}>
          Delete the app
        </Button>
        <Button onClick={onClose}>Cancel</Button>
      </div>
    </Dialog>
  );
}
