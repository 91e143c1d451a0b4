import type { VNode } from "preact";
import { parseDuration } from "../../../../src/shared/duration.ts";
import { FlyteError } from "../../../../src/shared/errors.ts";
import { toDurationText } from "../../text/durations.ts";
import type { ControlProps } from "./control-props.ts";
import { useFaultProps } from "./faults.tsx";

const placeholders: Readonly<Record<string, string>> = {
  integer: "42",
  float: "0.5, NaN, -Infinity",
  duration: "1h30m, 90s or PT1H30M",
};

/** A value that is typed: numbers and durations on one line, texts on several. */
export function TextControl({ shape, draft, place, label, onChange }: ControlProps<"text">): VNode {
  const hint = `${place}-hint`;
  const said = shape.kind === "duration" ? durationWords(draft.text) : undefined;
  const common = {
    id: place,
    "aria-label": label,
    value: draft.text,
    spellcheck: false,
    autocomplete: "off",
    ...useFaultProps(place, said === undefined ? undefined : hint),
    onInput: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange({ kind: "text", text: event.currentTarget.value }),
  };
  if (shape.kind === "string") return <textarea {...common} class="grows" rows={1} dir="auto" />;
  return (
    <>
      <input {...common} class="mono" type="text" placeholder={placeholders[shape.kind]} />
      {said !== undefined && (
        <p class="muted hint" id={hint}>
          {said}
        </p>
      )}
    </>
  );
}

/** A duration as it will be taken; nothing for what is none. */
function durationWords(text: string): string | undefined {
  if (text.trim() === "") return undefined;
  try {
    const ms = parseDuration(text);
    const sign = ms < 0 ? "minus " : "";
    return `${sign}${toDurationText(Math.abs(ms))} (${ms / 1_000} seconds)`;
  } catch (error) {
    if (FlyteError.is(error)) return undefined;
    throw error;
  }
}

/** A value as JSON. */
export function JsonControl({ draft, place, label, onChange }: ControlProps<"json">): VNode {
  return (
    <textarea
      id={place}
      class="grows"
      aria-label={`${label} as JSON`}
      value={draft.text}
      rows={3}
      spellcheck={false}
      autocomplete="off"
      placeholder="JSON"
      {...useFaultProps(place)}
      onInput={(event) => onChange({ ...draft, text: event.currentTarget.value })}
    />
  );
}
