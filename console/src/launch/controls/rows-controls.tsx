import type { VNode } from "preact";
import { type Draft, emptyDraft, type MapRow, newRow } from "../draft.ts";
import { keyPlace, rowPlace } from "../fault-places.ts";
import type { Shape, ShapeOf } from "../shape.ts";
import type { ControlProps } from "./control-props.ts";
import { Faults, useFaultProps } from "./faults.tsx";
import { Rows } from "./rows.tsx";

/** A list: rows that are added, removed and moved. */
export function ListControl(props: ControlProps<"list", ShapeOf<"list">>): VNode {
  const { shape, draft, place, label, onChange, Value } = props;
  return (
    <Rows
      place={place}
      label={label}
      word="item"
      rows={draft.rows}
      make={() => newRow(emptyDraft(shape.item))}
      firstOf={(id) => rowPlace(place, id)}
      onChange={(rows) => onChange({ kind: "list", rows })}
      isMovable
    >
      {(row, index, change) => (
        <Value
          shape={shape.item}
          draft={row.draft}
          place={rowPlace(place, row.id)}
          label={`${label} ${index + 1}`}
          isPlain={isScalar(shape.item)}
          onChange={(inner) => change({ ...row, draft: inner })}
        />
      )}
    </Rows>
  );
}

/** A map: rows of a key and a value. */
export function MapControl(props: ControlProps<"map", ShapeOf<"map">>): VNode {
  const { shape, draft, place, label, onChange, Value } = props;
  return (
    <Rows<MapRow>
      place={place}
      label={label}
      word="entry"
      rows={draft.rows}
      make={() => ({ ...newRow(emptyDraft(shape.item)), key: "" })}
      firstOf={(id) => keyPlace(place, id)}
      onChange={(rows) => onChange({ kind: "map", rows })}
    >
      {(row, index, change) => (
        <div class="map-row">
          <KeyControl
            place={keyPlace(place, row.id)}
            label={`Key ${index + 1} of ${label}`}
            text={row.key}
            onChange={(key) => change({ ...row, key })}
          />
          <Value
            shape={shape.item}
            draft={row.draft}
            place={rowPlace(place, row.id)}
            label={`Value ${index + 1} of ${label}`}
            isPlain={isScalar(shape.item)}
            onChange={(inner: Draft) => change({ ...row, draft: inner })}
          />
        </div>
      )}
    </Rows>
  );
}

function KeyControl({
  place,
  label,
  text,
  onChange,
}: {
  readonly place: string;
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}): VNode {
  return (
    <div class="map-key">
      <input
        id={place}
        type="text"
        class="mono"
        aria-label={label}
        placeholder="key"
        value={text}
        spellcheck={false}
        autocomplete="off"
        {...useFaultProps(place)}
        onInput={({ currentTarget: { value } }) => onChange(value)}
      />
      <Faults place={place} />
    </div>
  );
}

const scalars: ReadonlySet<Shape["kind"]> = new Set([
  "integer",
  "float",
  "string",
  "boolean",
  "enum",
  "duration",
]);

/** Whether JSON would show it as the form does. */
function isScalar({ kind }: Shape): boolean {
  return scalars.has(kind);
}
