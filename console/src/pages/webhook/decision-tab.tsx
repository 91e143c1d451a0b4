import { Code, ConnectError } from "@connectrpc/connect";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useAction } from "../../control-plane/use-action.ts";
import { useQuery } from "../../navigation/location.ts";
import type { Scope } from "../../scope.ts";
import { whoAmI } from "../../session/who-am-i.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import type { Decision, WebhookInfo } from "../../webhook/answers.ts";
import { askDecision } from "../../webhook/inspect-client.ts";
import { type Question, readQuestion, targetNames } from "../../webhook/question.ts";
import { DecisionForm } from "./decision-form.tsx";
import { DecisionView } from "./decision-view.tsx";

interface Answered {
  readonly question: Question;
  /** The subject of another key. */
  readonly other: string | undefined;
  readonly decision: Decision;
}

/** Would a caller get past, and by which rule? Asked, and not done. */
export function DecisionTab({
  info,
  scope,
}: {
  readonly info: WebhookInfo;
  readonly scope: Scope;
}): VNode {
  const [query, changeQuery] = useQuery();
  const [answered, setAnswered] = useState<Answered>();
  const [keyFault, setKeyFault] = useState<string>();
  const action = useAction(async (question: Question, key: string | undefined) => {
    setKeyFault(undefined);
    setAnswered(undefined);
    const subject = key === undefined ? undefined : await subjectOf(key);
    if (key !== undefined && subject === undefined) {
      setKeyFault("This devbox does not know the key, or does not know it any more.");
      return;
    }
    const decision = await askDecision(question, { key });
    setAnswered({ question, other: subject, decision });
  });
  const first = readQuestion(query);
  useEffect(() => {
    if (first !== undefined) void action.run(first, undefined);
  }, []);
  return (
    <div class="decision">
      <DecisionForm
        info={info}
        scope={scope}
        first={first}
        isBusy={action.isRunning}
        keyFault={keyFault}
        onAsk={(question, key) => {
          const cleared = Object.fromEntries(targetNames.map((name) => [name, undefined]));
          changeQuery({ ...cleared, ...question });
          void action.run(question, key);
        }}
      />
      <div class="stack" aria-live="polite">
        <ErrorNotice error={action.error} />
        {answered === undefined ? (
          !action.isRunning &&
          action.error === undefined && (
            <p class="muted">
              The answer names the rule that decides, and what each rule before it said. Nothing is
              started or changed by asking.
            </p>
          )
        ) : (
          <DecisionView {...answered} />
        )}
      </div>
    </div>
  );
}

/** Whom a key belongs to; undefined for none. */
async function subjectOf(key: string): Promise<string | undefined> {
  try {
    return (await whoAmI(key)).subject;
  } catch (error) {
    if (ConnectError.from(error).code === Code.Unauthenticated) return undefined;
    throw error;
  }
}
