import type { VNode } from "preact";
import { type TriggerRevision, TriggerRevisionAction } from "../../../../src/idl/triggers.ts";
import { toIdentityName } from "../../text/identity-name.ts";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";

const words: Readonly<Record<TriggerRevisionAction, string>> = {
  [TriggerRevisionAction.UNSPECIFIED]: "Changed",
  [TriggerRevisionAction.DEPLOY]: "Deployed",
  [TriggerRevisionAction.ACTIVATE]: "Switched on",
  [TriggerRevisionAction.DEACTIVATE]: "Switched off",
  [TriggerRevisionAction.DELETE]: "Deleted",
};

/** Who did what to a trigger, the latest first. */
export function HistoryCard({
  revisions,
}: {
  readonly revisions: readonly TriggerRevision[];
}): VNode {
  return (
    <section class="card" aria-labelledby="trigger-history">
      <h2 id="trigger-history">History</h2>
      <TableFrame label="History of the trigger">
        <table class="table trigger-table" aria-label="History">
          <thead>
            <tr>
              <th scope="col">Revision</th>
              <th scope="col">What</th>
              <th scope="col">Who</th>
              <th scope="col">When</th>
            </tr>
          </thead>
          <tbody>
            {revisions.map(({ id, action, metadata, createdAt }) => (
              <tr key={id?.revision.toString()}>
                <td>{id?.revision.toString() ?? "–"}</td>
                <td>{words[action] ?? `Action ${action}`}</td>
                <td>
                  <Text max={100}>{toIdentityName(metadata?.updatedBy) ?? "unknown"}</Text>
                </td>
                <td>
                  <Time at={createdAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </section>
  );
}
