import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { TriggerSpec } from "../../../../src/idl/triggers.ts";
import { stringifyJson } from "../../../../src/shared/json.ts";
import { toFireInputs } from "../../../../src/values/fire-inputs.ts";
import type { TaskInterface } from "../../../../src/values/task-inputs.ts";
import { useAction } from "../../control-plane/use-action.ts";
import { navigate } from "../../navigation/location.ts";
import { runPath } from "../../scope.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field } from "../../ui/field.tsx";
import { Text } from "../../ui/text.tsx";
import type { TriggerKey } from "../triggers/trigger-row.ts";
import { fireTrigger, readTypedInputs } from "./fire-trigger.ts";
import { toGivenInputs, toInputRows } from "./input-rows.ts";

export interface FireDialogProps {
  readonly trigger: TriggerKey;
  readonly spec: TriggerSpec;
  readonly timeInput: string;
  readonly taken: TaskInterface;
  readonly onClose: () => void;
}

/** Longer inputs are not laid out to be edited: leaving them out keeps them. */
const longestPrefilled = 100_000;

/** Asks for the inputs of a run of a trigger, starts it and goes there. */
export function FireDialog({ trigger, spec, timeInput, taken, onClose }: FireDialogProps): VNode {
  const rows = toInputRows({ spec, timeInput, taken });
  const [text, setText] = useState(() => {
    const whole = stringifyJson(toGivenInputs(rows), 2);
    return whole.length > longestPrefilled ? "{}" : whole;
  });
  const fire = useAction(async () => {
    const { task, name } = trigger;
    const given = readTypedInputs(text);
    const inputs = toFireInputs({ task, name, spec, timeInput, taken }, given);
    const run = await fireTrigger(trigger, { version: spec.taskVersion, inputs });
    onClose();
    navigate(runPath(trigger, run));
  });
  return (
    <Dialog title="Fire now" onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void fire.run();
        }}
      >
        <p>
          Starts a run of <Text max={100}>{trigger.task}</Text> at once, as you, with the trigger’s
          settings. The schedule goes on as it is.
        </p>
        {rows.length > 0 && (
          <Field
            label="Inputs, as JSON"
            hint={
              <>
                What you leave out stays as it is.
                {timeInput !== "" && (
                  <>
                    {" "}
                    <code>
                      <Text max={100}>{timeInput}</Text>
                    </code>{" "}
                    gets the present, unless you give it.
                  </>
                )}
              </>
            }
          >
            {(field) => (
              <textarea
                {...field}
                rows={Math.min(16, Math.max(4, text.split("\n").length + 1))}
                spellcheck={false}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            )}
          </Field>
        )}
        <ErrorNotice error={fire.error} />
        <div class="row">
          <Button kind="primary" type="submit" isBusy={fire.isRunning}>
            Start the run
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
