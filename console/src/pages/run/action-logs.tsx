import type { VNode } from "preact";
import { type ActionDetails, ActionType } from "../../../../src/idl/runs.ts";
import { quoteShellWord } from "../../../../src/shared/quote-shell-word.ts";
import { useQuery } from "../../navigation/location.ts";
import { toScopeOptions } from "../../text/scope-options.ts";
import { Field } from "../../ui/field.tsx";
import { LogView } from "../../ui/log-view.tsx";
import { isEndPhase } from "../../ui/phase.tsx";
import { openActionLog } from "./open-action-log.ts";
import { rootAction } from "./run-action.ts";
import type { RunKey } from "./use-run-actions.ts";

/** What an attempt of an action writes: the latest one, unless the address says otherwise. */
export function ActionLogs({
  run,
  details,
}: {
  readonly run: RunKey;
  readonly details: ActionDetails;
}): VNode {
  const [query, change] = useQuery();
  const name = details.id?.name ?? "";
  if (details.metadata?.actionType === ActionType.CONDITION) {
    return <p class="muted">What waits for a person writes no log. Look at its parent’s.</p>;
  }
  const { attempts } = details;
  const wanted = Number(query.get("attempt") ?? "");
  const chosen = attempts.find(({ attempt }) => attempt === wanted) ?? attempts.at(-1);
  if (chosen === undefined) return <p class="muted">The log begins with its first attempt.</p>;
  const { attempt, logsAvailable, phase } = chosen;
  return (
    <>
      {attempts.length > 1 && (
        <div class="row">
          <Field label="Attempt">
            {(field) => (
              <select
                {...field}
                value={String(attempt)}
                onChange={(event) => {
                  const value = Number(event.currentTarget.value);
                  const isLatest = value === attempts.at(-1)?.attempt;
                  change({ attempt: isLatest ? undefined : String(value) });
                }}
              >
                {attempts.map((each) => (
                  <option key={each.attempt} value={String(each.attempt)}>
                    {each.attempt}
                    {each.attempt === attempts.at(-1)?.attempt ? " (latest)" : ""}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
      )}
      {!logsAvailable && (
        <p class="muted" role="status">
          {isEndPhase(phase)
            ? "This attempt ended before it ran, so it wrote nothing."
            : "This attempt has not begun. What it writes appears here as it is written."}
        </p>
      )}
      {(logsAvailable || !isEndPhase(phase)) && (
        <LogView
          name={`${run.name}-${name}-${attempt}`}
          watchKey={
            logsAvailable
              ? `${run.domain}/${run.project}/${run.name}/${name}/${attempt}`
              : undefined
          }
          command={name === rootAction ? toCommand(run, attempt) : undefined}
          open={(signal, onHeader) => openActionLog(run, name, attempt, { signal, onHeader })}
        />
      )}
    </>
  );
}

/** Prints the whole log of an attempt of the run itself; the command knows no other actions. */
function toCommand(run: RunKey, attempt: number): string {
  return `flyte-webhook get logs ${quoteShellWord(run.name)} ${toScopeOptions(run)} --attempt ${attempt}`;
}
