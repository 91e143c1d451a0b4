import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { VNode } from "preact";
import { toAge } from "../text/durations.ts";
import { useNow } from "./use-now.ts";

const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A time in the reader's zone, in UTC on hover. */
export function Time({
  at,
  isRelative = false,
}: {
  readonly at: Timestamp | Date | undefined;
  /** How long ago instead, with the time on hover. */
  readonly isRelative?: boolean;
}): VNode {
  if (at === undefined) return <span class="muted">–</span>;
  const date = at instanceof Date ? at : timestampDate(at);
  if (Number.isNaN(date.getTime())) return <span class="muted">–</span>;
  const utc = date.toISOString();
  const shown = local.format(date);
  return (
    <time dateTime={utc} title={isRelative ? `${shown}\n${utc}` : utc}>
      {isRelative ? <Age date={date} /> : shown}
    </time>
  );
}

function Age({ date }: { readonly date: Date }): VNode {
  const now = useNow();
  return <>{toAge(date.getTime(), now)}</>;
}
