import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Field } from "../../ui/field.tsx";
import { fromLocalTime, toLocalTime } from "./local-time.ts";
import { type RunFilters, type Span, spans } from "./run-filters.ts";

type Times = Pick<RunFilters, "since" | "from" | "to">;

/** Chooses when runs have started. */
export function TimeFilter({
  times: { since, from, to },
  onChange,
}: {
  readonly times: Times;
  readonly onChange: (times: Times) => void;
}): VNode {
  const [isAsked, setAsked] = useState(false);
  const isBetween = from !== undefined || to !== undefined || (isAsked && since === undefined);
  const choose = (choice: string): void => {
    setAsked(choice === "between");
    const next = Object.keys(spans).find((name) => name === choice) as Span | undefined;
    onChange({ since: next, from: undefined, to: undefined });
  };
  const ends = [
    {
      name: "From",
      value: from,
      change: (time: number | undefined) => onChange({ from: time, to }),
    },
    { name: "To", value: to, change: (time: number | undefined) => onChange({ from, to: time }) },
  ];
  return (
    <>
      <Field label="Started">
        {(field) => (
          <select
            {...field}
            value={since ?? (isBetween ? "between" : "")}
            onChange={(event) => choose(event.currentTarget.value)}
          >
            <option value="">Any time</option>
            {Object.entries(spans).map(([name, { words }]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
            <option value="between">From – to …</option>
          </select>
        )}
      </Field>
      {isBetween &&
        ends.map(({ name, value, change }) => (
          <Field key={name} label={name}>
            {(field) => (
              <input
                {...field}
                type="datetime-local"
                step={1}
                value={value === undefined ? "" : toLocalTime(value)}
                onChange={(event) => change(fromLocalTime(event.currentTarget.value))}
              />
            )}
          </Field>
        ))}
    </>
  );
}
