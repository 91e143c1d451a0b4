import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ActionDetails } from "../../../../src/idl/runs.ts";
import { type JsonValue, stringifyJson } from "../../../../src/shared/json.ts";
import {
  type ConditionDetails,
  readConditionDetails,
} from "../../../../src/values/condition-details.ts";
import { runs } from "../../control-plane/clients.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Identity } from "../../ui/identity.tsx";
import { Loading } from "../../ui/loading.tsx";
import { isEndPhase, Phase } from "../../ui/phase.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { ConditionForm } from "./condition-form.tsx";
import type { RunAction } from "./run-action.ts";
import { useReread } from "./use-reread.ts";
import type { RunKey } from "./use-run-actions.ts";

const longestPrompt = 10_000;

/** What a task asks a person: with a form while it waits, and with the answer after that. */
export function ConditionCard({
  run,
  action,
}: {
  readonly run: RunKey;
  readonly action: RunAction;
}): VNode {
  const actionId = { run, name: action.name };
  const call = useCall(
    `condition ${run.domain}/${run.project}/${run.name}/${action.name}`,
    (signal) => runs.getActionDetails({ actionId }, { signal }),
  );
  useReread(call, action.change);
  const [isAnswered, setIsAnswered] = useState(false);
  const { data, error, reload } = call;
  const details = data?.details;
  const condition = details === undefined ? undefined : readConditionDetails(details);
  if (details === undefined || condition === undefined) {
    return error === undefined ? (
      <Loading what="what is asked" />
    ) : (
      <ErrorNotice error={error} retry={reload} />
    );
  }
  const phase = details.status?.phase ?? 0;
  const isEnded = isEndPhase(phase);
  return (
    <div class="stack">
      <div class="row">
        <h3>
          <Text max={100}>{condition.name}</Text>
        </h3>
        <Phase phase={isEnded ? phase : action.phase} />
      </div>
      {condition.prompt !== "" && (
        <p class="run-prompt">
          <Text max={longestPrompt}>{condition.prompt}</Text>
        </p>
      )}
      {condition.description !== "" && (
        <p class="run-prompt muted">
          <Text max={longestPrompt}>{condition.description}</Text>
        </p>
      )}
      {isEnded && <Answer details={details} condition={condition} takesFocus={isAnswered} />}
      {!isEnded && isEndPhase(action.phase) && <Loading what="the answer" />}
      {!isEnded && !isEndPhase(action.phase) && (
        <ConditionForm
          run={run}
          action={action}
          condition={condition}
          onDone={() => {
            setIsAnswered(true);
            reload();
          }}
        />
      )}
    </div>
  );
}

function Answer({
  details,
  condition: { value, signalledBy },
  takesFocus,
}: {
  readonly details: ActionDetails;
  readonly condition: ConditionDetails;
  /** The form that had it is gone. */
  readonly takesFocus: boolean;
}): VNode {
  const element = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (takesFocus) element.current?.focus();
  }, [takesFocus]);
  const at = <Time at={details.status?.endTime} />;
  if (value === undefined) {
    return (
      <p ref={element} tabIndex={-1}>
        Nobody has answered; it ended {at}.
      </p>
    );
  }
  return (
    <p ref={element} tabIndex={-1}>
      <strong>
        <Text max={2_000}>{toAnswerWords(value)}</Text>
      </strong>
      , said <Identity of={signalledBy} /> {at}.
    </p>
  );
}

function toAnswerWords(value: JsonValue): string {
  if (value === true) return "Yes";
  if (value === false) return "No";
  return typeof value === "string" ? `“${value}”` : stringifyJson(value);
}
