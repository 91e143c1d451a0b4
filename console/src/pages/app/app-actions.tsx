import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { App } from "../../../../src/idl/apps.ts";
import { apps } from "../../control-plane/clients.ts";
import { useAction } from "../../control-plane/use-action.ts";
import type { Scope } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorDialog } from "../../ui/error-dialog.tsx";
import { offeredSwitches } from "../apps/app-state.ts";
import { DeactivateDialog } from "./deactivate-dialog.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { switchApp } from "./switch-app.ts";

/** What a person can do with an app. */
export function AppActions({
  scope,
  name,
  app,
}: {
  readonly scope: Scope;
  readonly name: string;
  readonly app: App;
}): VNode {
  const [asked, setAsked] = useState<"deactivate" | "delete">();
  const activation = useAction(() =>
    switchApp(apps, { ...scope, name, wanted: "active", reason: "Activated in the console" }),
  );
  const offered = offeredSwitches(app);
  const close = (): void => setAsked(undefined);
  return (
    <>
      {offered.activate && (
        <Button kind="primary" isBusy={activation.isRunning} onClick={() => void activation.run()}>
          Activate
        </Button>
      )}
      {offered.deactivate && <Button onClick={() => setAsked("deactivate")}>Deactivate</Button>}
      <Button kind="danger" onClick={() => setAsked("delete")}>
        Delete
      </Button>
      <ErrorDialog title="Not activated" error={activation.error} onClose={activation.clear} />
      {asked === "deactivate" && <DeactivateDialog scope={scope} name={name} onClose={close} />}
      {asked === "delete" && <DeleteDialog scope={scope} name={name} onClose={close} />}
    </>
  );
}
