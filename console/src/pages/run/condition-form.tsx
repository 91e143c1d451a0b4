import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { JsonValue } from "../../../../src/shared/json.ts";
import type { ConditionDetails } from "../../../../src/values/condition-details.ts";
import { toEventPayload } from "../../../../src/values/event-payload.ts";
import { signals } from "../../control-plane/clients.ts";
import { useAction } from "../../control-plane/use-action.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Field } from "../../ui/field.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { readAnswer } from "./read-answer.ts";
import type { RunAction } from "./run-action.ts";
import type { RunKey } from "./use-run-actions.ts";

/** Takes the answer that a condition waits for. */
export function ConditionForm({
  run,
  action,
  condition,
  onDone,
}: {
  readonly run: RunKey;
  readonly action: RunAction;
  readonly condition: ConditionDetails;
  readonly onDone: () => void;
}): VNode {
  const send = useAction(async (value: JsonValue) => {
    await signals.signalEvent({
      actionId: { run, name: action.name },
      parentActionName: action.parent,
      payload: toEventPayload(value, condition),
    });
    onDone();
  });
  return (
    <div class="stack">
      {condition.type === "boolean" ? (
        <fieldset class="row run-choice">
          <legend class="visually-hidden">{toAttributeText(condition.name, 100)}</legend>
          <Button kind="primary" isBusy={send.isRunning} onClick={() => void send.run(true)}>
            Yes
          </Button>
          <Button isBusy={send.isRunning} onClick={() => void send.run(false)}>
            No
          </Button>
        </fieldset>
      ) : (
        <ValueForm
          condition={condition}
          isBusy={send.isRunning}
          onSend={(value) => void send.run(value)}
        />
      )}
      <ErrorNotice error={send.error} />
      <p class="muted">
        Whoever may run tasks in <Text max={70}>{`${run.project}, ${run.domain},`}</Text> may
        answer, once.
        {condition.deadline !== undefined && (
          <>
            {" "}
            It waits until <Time at={condition.deadline} />.
          </>
        )}
      </p>
    </div>
  );
}

function ValueForm({
  condition: { name, type },
  isBusy,
  onSend,
}: {
  readonly condition: ConditionDetails;
  readonly isBusy: boolean;
  readonly onSend: (value: JsonValue) => void;
}): VNode {
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string>();
  const isNumber = type === "integer" || type === "float";
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        const answer = readAnswer(text, type);
        if (answer.kind === "fault") return setFault(answer.message);
        setFault(undefined);
        onSend(answer.value);
      }}
    >
      <Field label={<Text max={100}>{name}</Text>} error={fault}>
        {(field) =>
          isNumber ? (
            <input
              {...field}
              inputMode={type === "integer" ? "numeric" : "decimal"}
              autocomplete="off"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          ) : (
            <textarea
              {...field}
              rows={2}
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )
        }
      </Field>
      <div class="row">
        <Button kind="primary" type="submit" isBusy={isBusy}>
          Answer
        </Button>
      </div>
    </form>
  );
}
