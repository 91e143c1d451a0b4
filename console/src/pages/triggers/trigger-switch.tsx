import type { VNode } from "preact";
import { useAction } from "../../control-plane/use-action.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { Switch } from "../../ui/switch.tsx";
import { switchTrigger } from "./switch-trigger.ts";
import type { TriggerRow } from "./trigger-row.ts";

/** Switches a trigger on and off; says what is true when it has been read back. */
export function TriggerSwitch({
  row,
  reload,
  onError,
}: {
  readonly row: TriggerRow;
  /** Reads anew what is shown, also after a failure. */
  readonly reload: () => void;
  /** Of the last attempt; undefined when a new one begins. */
  readonly onError: (error: unknown) => void;
}): VNode {
  const action = useAction(async (isActive: boolean) => {
    onError(undefined);
    try {
      await switchTrigger({ ...row, isActive });
    } catch (error) {
      onError(error);
    } finally {
      reload();
    }
  });
  return (
    <Switch
      label={`Trigger ${toAttributeText(row.name, 100)} of ${toAttributeText(row.task, 100)}`}
      isOn={row.isActive}
      isBusy={action.isRunning}
      onChange={(isActive) => void action.run(isActive)}
    />
  );
}
