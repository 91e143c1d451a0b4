import type { VNode } from "preact";
import { runPath } from "../../scope.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { toDurationText } from "../../text/durations.ts";
import { Button } from "../../ui/button.tsx";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import type { Delivery } from "../../webhook/answers.ts";
import { Verdict } from "./verdict.tsx";

const longestLabel = 60;

/** Deliveries, the newest first. */
export function DeliveriesTable({
  deliveries,
  onOpen,
  onReplay,
}: {
  readonly deliveries: readonly Delivery[];
  readonly onOpen: (delivery: Delivery) => void;
  readonly onReplay: (delivery: Delivery) => void;
}): VNode {
  return (
    <TableFrame label="Table of deliveries">
      <table class="table stacked" aria-label="Deliveries">
        <thead>
          <tr>
            <th scope="col">Came</th>
            <th scope="col" class="wide">
              Hook
            </th>
            <th scope="col">Verdict</th>
            <th scope="col" class="wide">
              Type
            </th>
            <th scope="col" class="wide">
              Id
            </th>
            <th scope="col">Run</th>
            <th scope="col" class="wide">
              Status
            </th>
            <th scope="col" class="wide">
              Took
            </th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <Row
              key={`${delivery.receivedAt} ${delivery.hook} ${delivery.requestId}`}
              delivery={delivery}
              onOpen={onOpen}
              onReplay={onReplay}
            />
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Row({
  delivery,
  onOpen,
  onReplay,
}: {
  readonly delivery: Delivery;
  readonly onOpen: (delivery: Delivery) => void;
  readonly onReplay: (delivery: Delivery) => void;
}): VNode {
  const { hook, id, type, run, reason, status, durationMs } = delivery;
  const what = toAttributeText(id ?? type ?? delivery.requestId, longestLabel);
  return (
    <tr>
      <td class="nowrap">
        <Time at={new Date(delivery.receivedAt)} isRelative />
      </td>
      <td class="wide nowrap">
        <Text max={40}>{hook}</Text>
      </td>
      <td>
        <Verdict verdict={delivery.verdict} />
        {delivery.replayOf !== undefined && <span class="muted"> replay</span>}
        {reason !== undefined && (
          <div class="muted">
            <Text max={160}>{reason}</Text>
          </div>
        )}
      </td>
      <td class="mono wide">
        <Text max={60}>{type ?? "–"}</Text>
      </td>
      <td class="mono wide">
        <Text max={60}>{id ?? "–"}</Text>
      </td>
      <td class={`mono nowrap ${run === undefined ? "blank" : ""}`}>
        {run === undefined ? (
          <span class="muted">–</span>
        ) : (
          <a href={runPath(run, run.name)}>
            <Text max={60}>{run.name}</Text>
          </a>
        )}
      </td>
      <td class="wide">{status}</td>
      <td class="wide nowrap">{toDurationText(durationMs)}</td>
      <td class="row-end">
        <div class="row row-actions">
          <Button label={`Details of ${what}`} onClick={() => onOpen(delivery)}>
            Details
          </Button>
          {delivery.canReplay && (
            <Button label={`Replay ${what}`} onClick={() => onReplay(delivery)}>
              Replay
            </Button>
          )}
        </div>
      </td>
    </tr>
  );
}
