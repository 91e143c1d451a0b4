import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { VNode } from "preact";
import { toDurationText } from "../text/durations.ts";
import { useNow } from "./use-now.ts";

/** How long something took; what has no end yet goes on counting. */
export function Elapsed({
  from,
  to,
}: {
  /** Times in milliseconds, too. */
  readonly from: Timestamp | number | undefined;
  readonly to: Timestamp | number | undefined;
}): VNode {
  if (from === undefined) return <span class="muted">–</span>;
  const fromMs = toMs(from);
  if (to === undefined) return <Counting fromMs={fromMs} />;
  return <span>{toDurationText(Math.max(0, toMs(to) - fromMs))}</span>;
}

function Counting({ fromMs }: { readonly fromMs: number }): VNode {
  const now = useNow();
  const whole = Math.floor(Math.max(0, now - fromMs) / 1_000) * 1_000;
  return <span>{whole < 60_000 ? `${whole / 1_000} s` : toDurationText(whole)}</span>;
}

function toMs(time: Timestamp | number): number {
  return typeof time === "number" ? time : timestampMs(time);
}
