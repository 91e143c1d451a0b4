import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";
import { Time } from "../../ui/time.tsx";
import { useNow } from "../../ui/use-now.ts";
import { nextFires } from "../triggers/next-fires.ts";
import { zoneOf } from "../triggers/schedule-words.ts";
import type { TriggerRow } from "../triggers/trigger-row.ts";
import { ownZone, toZoneTime } from "../triggers/zone-time.ts";

const count = 5;

/** The next fires, on the clocks of the reader and of the trigger. */
export function NextFiresCard({ row }: { readonly row: TriggerRow }): VNode {
  return (
    <section class="card" aria-labelledby="next-fires">
      <h2 id="next-fires">Next fires</h2>
      <NextFires row={row} />
    </section>
  );
}

function NextFires({ row }: { readonly row: TriggerRow }): VNode {
  const now = useNow();
  const opened = useRef(now);
  const { schedule, isActive, updatedAt } = row;
  if (schedule === undefined) return <p class="muted">It has no schedule: fire it on demand.</p>;
  // What is off counts intervals from when it is switched on.
  const since = isActive ? (updatedAt ?? now) : opened.current;
  const times = nextFires(schedule, { since, now, count });
  if (times === undefined) {
    return <p class="muted">This console does not understand the schedule.</p>;
  }
  if (times.length === 0) return <p class="muted">The schedule has no time that is to come.</p>;
  const zone = zoneOf(schedule);
  const others = zone === undefined || zone === ownZone ? [] : [zone];
  return (
    <>
      {!isActive && <p class="muted">It is switched off. Switched on now, it would fire:</p>}
      <TableFrame label="Times of the next fires">
        <table class={`table next-fires${isActive ? "" : " muted"}`} aria-label="Next fires">
          <thead>
            <tr>
              <th scope="col">In</th>
              <th scope="col">Your time ({ownZone})</th>
              {others.map((other) => (
                <th scope="col" key={other}>
                  <Text max={60}>{other}</Text>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {times.map((at) => (
              <tr key={at}>
                <td>
                  <Time at={new Date(at)} isRelative />
                </td>
                <td>
                  <time dateTime={new Date(at).toISOString()} title={new Date(at).toISOString()}>
                    {toZoneTime(at, ownZone)}
                  </time>
                </td>
                {others.map((other) => (
                  <td key={other}>{toZoneTime(at, other) ?? "unknown here"}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
    </>
  );
}
