import type { VNode } from "preact";
import { useRef } from "preact/hooks";
import { parseDatetime, printDatetime } from "../../../../src/values/datetimes.ts";
import { Button } from "../../ui/button.tsx";
import { localZone, namesZone, toDatetimeValue, toLocalText } from "../datetime-text.ts";
import type { ControlProps } from "./control-props.ts";
import { useFaultProps } from "./faults.tsx";

const inZone = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** A datetime: typed or picked, with what it means beside it. */
export function DatetimeControl({
  draft,
  place,
  label,
  onChange,
}: ControlProps<"datetime">): VNode {
  const picker = useRef<HTMLInputElement>(null);
  const hint = `${place}-hint`;
  const isZoned = namesZone(draft.text);
  return (
    <>
      <div class="row">
        <input
          id={place}
          class="mono datetime"
          type="text"
          aria-label={label}
          value={draft.text}
          placeholder="2026-03-01 12:30:00"
          autocomplete="off"
          spellcheck={false}
          {...useFaultProps(place, hint)}
          onInput={(event) => onChange({ ...draft, text: event.currentTarget.value })}
        />
        {!isZoned && (
          <select
            aria-label={`Zone of ${label}`}
            value={draft.zone}
            onChange={({ currentTarget: { value } }) =>
              onChange({ ...draft, zone: value === "utc" ? "utc" : "local" })
            }
          >
            <option value="local">{localZone()}</option>
            <option value="utc">UTC</option>
          </select>
        )}
        <Button
          label={`Now for ${label}`}
          onClick={() =>
            onChange({ kind: "datetime", text: toLocalText(new Date()), zone: "local" })
          }
        >
          Now
        </Button>
        <span class="picker">
          <Button
            label={`Pick ${label} from a calendar`}
            onClick={() => picker.current?.showPicker()}
          >
            Pick
          </Button>
          <input
            ref={picker}
            type="datetime-local"
            step={1}
            tabIndex={-1}
            aria-hidden="true"
            onChange={({ currentTarget: { value } }) => {
              if (value !== "")
                onChange({ kind: "datetime", text: value.replace("T", " "), zone: "local" });
            }}
          />
        </span>
      </div>
      <p class="muted hint" id={hint}>
        {meaningOf(draft.text, draft.zone)}
      </p>
    </>
  );
}

function meaningOf(text: string, zone: "local" | "utc"): string {
  if (text.trim() === "") return "With Z or an offset such as +02:00, or in the zone beside it.";
  const instant = parseDatetime(toDatetimeValue(text, zone));
  const printed = instant === undefined ? undefined : printDatetime(instant);
  if (instant === undefined || printed === undefined)
    return "No datetime yet, such as 2026-03-01 12:30:00.";
  return `Sent as ${printed}, which is ${inZone.format(new Date(Number(instant.seconds) * 1_000))}.`;
}
