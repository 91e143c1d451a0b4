import type { VNode } from "preact";
import { isEndPhase } from "../../ui/phase.tsx";
import { ConditionCard } from "./condition-card.tsx";
import type { RunAction } from "./run-action.ts";
import type { RunActions, RunKey } from "./use-run-actions.ts";

/** Conditions that are shown at once; a run that waits for more people is none for people. */
const most = 20;

/** What a run waits for people to say, and what they have said. */
export function RunConditions({
  run,
  actions,
}: {
  readonly run: RunKey;
  readonly actions: RunActions;
}): VNode | null {
  const all = actions.all.filter(({ kind }) => kind === "condition").sort(byTime);
  if (all.length === 0) return null;
  const open = all.filter(({ phase }) => !isEndPhase(phase));
  const shown = new Set([...open, ...all].slice(0, most));
  return (
    <section class={`card${open.length > 0 ? " run-waits" : ""}`} aria-labelledby="conditions">
      <h2 id="conditions">{open.length === 0 ? "Asked and answered" : "Waits for a person"}</h2>
      <ul class="run-conditions">
        {all
          .filter((action) => shown.has(action))
          .map((action) => (
            <li key={action.name}>
              <ConditionCard run={run} action={action} />
            </li>
          ))}
      </ul>
      {all.length > shown.size && (
        <p class="muted">{all.length - shown.size} more are among the actions.</p>
      )}
    </section>
  );
}

function byTime(left: RunAction, right: RunAction): number {
  return left.startMs - right.startMs;
}
