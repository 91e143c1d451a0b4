import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { toVisible } from "../../text/visible-text.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Text } from "../../ui/text.tsx";
import type { Decision, DecisionStep } from "../../webhook/answers.ts";
import { type Question, targetText } from "../../webhook/question.ts";
import { ruleWords } from "../../webhook/words.ts";

const outcomes: Readonly<Record<string, { readonly word: string; readonly tone: Tone }>> = {
  allowed: { word: "Passed", tone: "good" },
  refused: { word: "Refused", tone: "bad" },
  not_asked: { word: "Not asked", tone: "quiet" },
};

/** A decision in a sentence, its rule, and what each rule said. */
export function DecisionView({
  question,
  other,
  decision: { allowed, rule, detail, steps },
}: {
  readonly question: Question;
  readonly other: string | undefined;
  readonly decision: Decision;
}): VNode {
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a narrow screen the answer comes below the form, where nobody would see it.
    const { top } = element.current?.getBoundingClientRect() ?? { top: 0 };
    if (top > innerHeight / 2) element.current?.scrollIntoView();
  }, [question]);
  const target = targetText(question);
  // What cannot be known without trying is said, and not promised.
  const isOpen = allowed && steps.some(({ outcome }) => outcome === "not_asked");
  return (
    <section class="stack" aria-label="Decision" ref={element}>
      <div class={`notice verdict verdict-${allowed ? "yes" : "no"}`}>
        <h2>{allowed ? (isOpen ? "Yes, as far as is known" : "Yes") : "No"}</h2>
        <p>
          {other === undefined ? "You" : <Text max={120}>{other}</Text>}{" "}
          {allowed ? "may" : "may not"} use <code>{question["endpoint"]}</code>
          {target !== "" && (
            <>
              {" "}
              for{" "}
              <code>
                <Text max={600}>{target}</Text>
              </code>
            </>
          )}
          .
        </p>
        {detail !== "" && (
          <p>
            <Text max={4_000}>{detail}</Text>
          </p>
        )}
        <p class="verdict-rule">
          Decided by <Rule rule={rule} />
        </p>
      </div>
      {steps.length > 0 && (
        <>
          <h2>What was asked</h2>
          <ol class="steps">
            {steps.map((step, index) => (
              <Step key={`${index} ${step.rule}`} step={step} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function Step({ step: { rule, outcome, detail } }: { readonly step: DecisionStep }): VNode {
  const { word, tone } = outcomes[outcome] ?? { word: toVisible(outcome), tone: "quiet" };
  return (
    <li>
      <Badge tone={tone}>{word}</Badge>
      <div>
        <strong>
          <Rule rule={rule} />
        </strong>
        {detail !== "" && (
          <p class="muted">
            <Text max={2_000}>{detail}</Text>
          </p>
        )}
      </div>
    </li>
  );
}

/** A rule in words, with its name as the audit log has it. */
export function Rule({ rule }: { readonly rule: string }): VNode {
  const words = ruleWords(rule);
  const name = (
    <code>
      <Text max={120}>{rule}</Text>
    </code>
  );
  return words === undefined ? (
    name
  ) : (
    <>
      {words} ({name})
    </>
  );
}
