import type { VNode } from "preact";
import type { App, Condition } from "../../../../src/idl/apps.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { Badge } from "../../ui/badge.tsx";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { toConditionState } from "../apps/app-state.ts";
import { toRevisions } from "./app-revisions.ts";

/** What became of an app, the newest first, and of its revisions. */
export function AppHistory({ app }: { readonly app: App }): VNode | null {
  const conditions = app.status?.conditions ?? [];
  if (conditions.length === 0) return null;
  return (
    <>
      <section class="card">
        <h2>History</h2>
        <ol class="app-history">
          {conditions.toReversed().map((condition, index) => (
            <HistoryEntry
              key={conditions.length - index}
              condition={condition}
              isCurrent={index === 0}
            />
          ))}
        </ol>
      </section>
      <section class="card">
        <h2>Revisions</h2>
        <TableFrame label="Table of revisions">
          <table class="table app-revisions" aria-label="Revisions">
            <thead>
              <tr>
                <th scope="col">Revision</th>
                <th scope="col">State</th>
                <th scope="col">Since</th>
                <th scope="col">By</th>
              </tr>
            </thead>
            <tbody>
              {toRevisions(conditions).map(({ revision, first, last }, index) => (
                <tr key={String(revision)}>
                  <th scope="row">{String(revision)}</th>
                  <td>
                    {index === 0 ? (
                      <StateBadge condition={last} isCurrent />
                    ) : (
                      <span class="muted">Replaced</span>
                    )}
                  </td>
                  <td>
                    <Time at={first.lastTransitionTime} />
                  </td>
                  <td>
                    <Text max={100}>{toIdentityName(first.actor) ?? "–"}</Text>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      </section>
    </>
  );
}

function HistoryEntry({
  condition,
  isCurrent,
}: {
  readonly condition: Condition;
  readonly isCurrent: boolean;
}): VNode {
  const { message, revision, lastTransitionTime, actor } = condition;
  const by = toIdentityName(actor);
  return (
    <li>
      <StateBadge condition={condition} isCurrent={isCurrent} />
      <div class="app-history-text">
        <p>
          <Text max={2_000}>{message}</Text>
        </p>
        <p class="muted">
          <Time at={lastTransitionTime} /> · revision {String(revision)}
          {by !== undefined && (
            <>
              {" · "}
              <Text max={100}>{by}</Text>
            </>
          )}
        </p>
      </div>
    </li>
  );
}

function StateBadge({
  condition,
  isCurrent,
}: {
  readonly condition: Condition;
  readonly isCurrent: boolean;
}): VNode {
  const { word, tone } = toConditionState(condition);
  // What has passed works no more.
  return <Badge tone={tone === "busy" && !isCurrent ? "quiet" : tone}>{word}</Badge>;
}
