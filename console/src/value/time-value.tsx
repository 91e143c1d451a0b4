import type { VNode } from "preact";
import { toDurationText } from "../text/durations.ts";
import { Text } from "../ui/text.tsx";
import { Time } from "../ui/time.tsx";
import type { ValueKind } from "./value-kind.ts";

/** A datetime or duration as people say it, and as it is. */
export function TimeValue({
  kind,
}: {
  readonly kind: Extract<ValueKind, { kind: "datetime" | "duration" }>;
}): VNode {
  if (kind.kind === "datetime") {
    return (
      <span class="row">
        {kind.at !== undefined && <Time at={kind.at} />}
        <span class={`mono${kind.at === undefined ? "" : " muted"}`}>
          <Text max={60}>{kind.text}</Text>
        </span>
      </span>
    );
  }
  const { seconds } = kind;
  const text = `${seconds < 0 ? "−" : ""}${toDurationText(Math.abs(seconds) * 1_000)}`;
  const exact = `${seconds} s`;
  return (
    <span class="row">
      {text}
      {text !== exact && <span class="mono muted">{exact}</span>}
    </span>
  );
}
