import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ActionDetails } from "../../../../src/idl/runs.ts";
import { type Phase as PhaseName, toPhase } from "../../../../src/values/phases.ts";
import { toDurationText } from "../../text/durations.ts";
import { toPhaseWords } from "../../text/phase-words.ts";
import { Button } from "../../ui/button.tsx";
import { isEndPhase, Phase } from "../../ui/phase.tsx";
import { Text } from "../../ui/text.tsx";
import { useNow } from "../../ui/use-now.ts";
import { type AttemptSpans, layoutTimeline, type PhaseSpan } from "./timeline-layout.ts";

/** Attempts that are shown before the others are asked for; the last ones tell most. */
const shownAttempts = 10;
const longestError = 600;

/** How long each attempt was in which phase, as bars on one axis and in words. */
export function TimelineView({ details }: { readonly details: ActionDetails }): VNode {
  const isEnded = isEndPhase(details.status?.phase ?? 0);
  return isEnded ? <Timeline details={details} now={0} /> : <LiveTimeline details={details} />;
}

function LiveTimeline({ details }: { readonly details: ActionDetails }): VNode {
  return <Timeline details={details} now={useNow()} />;
}

function Timeline({
  details,
  now,
}: {
  readonly details: ActionDetails;
  readonly now: number;
}): VNode {
  const [showsAll, setShowsAll] = useState(false);
  const { attempts, durationMs } = layoutTimeline(details.attempts, now);
  const left = showsAll ? 0 : Math.max(0, attempts.length - shownAttempts);
  return (
    <section class="card" aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      {attempts.length === 0 ? (
        <p class="muted">It waits for its first attempt.</p>
      ) : (
        <>
          {left > 0 && (
            <div class="row">
              <Button onClick={() => setShowsAll(true)}>Show {left} earlier attempts</Button>
            </div>
          )}
          <ol class="run-timeline" start={left + 1}>
            {attempts.slice(left).map((attempt) => (
              <Attempt
                key={attempt.attempt}
                attempt={attempt}
                saysError={
                  details.result.case !== "errorInfo" ||
                  attempt.attempt !== attempts.at(-1)?.attempt
                }
              />
            ))}
          </ol>
          {attempts.length > 1 && (
            <div class="run-axis muted" aria-hidden="true">
              <span>0</span>
              <span>{toDurationText(durationMs)}</span>
            </div>
          )}
        </>
      )}
    </section>
  );
}

function Attempt({
  attempt: { attempt, phase, durationMs, spans, error },
  saysError,
}: {
  readonly attempt: AttemptSpans;
  /** Unless it stands above already, as why the whole action failed. */
  readonly saysError: boolean;
}): VNode {
  return (
    <li>
      <div class="row">
        <strong>Attempt {attempt}</strong>
        <Phase phase={phase} />
        <span class="muted">{toDurationText(durationMs)}</span>
      </div>
      <div class="run-bar" aria-hidden="true">
        {spans.map((span) => (
          <span
            key={`${span.phase} ${span.offset}`}
            class={`run-span run-span-${nameOf(span)}`}
            style={{ left: `${span.offset * 100}%`, width: `${span.share * 100}%` }}
          />
        ))}
      </div>
      <ul class="run-phases muted" aria-label={`Phases of attempt ${attempt}`}>
        {spans.map((span) => (
          <li key={`${span.phase} ${span.offset}`}>
            <span class={`run-key run-span-${nameOf(span)}`} aria-hidden="true" />
            {toPhaseWords(nameOf(span))}{" "}
            <span class="run-length">{toDurationText(span.durationMs)}</span>
            {span.isOpen && " so far"}
          </li>
        ))}
      </ul>
      {error !== undefined && error.message !== "" && saysError && (
        <p class="run-attempt-error mono">
          <Text max={longestError}>{error.message}</Text>
        </p>
      )}
    </li>
  );
}

function nameOf({ phase }: PhaseSpan): PhaseName | "unknown" {
  return toPhase(phase) ?? "unknown";
}
