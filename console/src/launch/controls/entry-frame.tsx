import type { VNode } from "preact";
import { Button } from "../../ui/button.tsx";
import { Text } from "../../ui/text.tsx";
import type { Entry } from "../draft.ts";
import type { Shape } from "../shape.ts";
import type { ValueComponent } from "./control-props.ts";

export interface EntryFrameProps {
  readonly name: string;
  /** The type in Flyte's words. */
  readonly type: string;
  readonly shape: Shape;
  readonly description: string;
  readonly place: string;
  readonly label: string;
  readonly entry: Entry;
  /** What it is before anything is entered. */
  readonly first: Entry;
  /** What happens unless something is entered: `default`, `left out`; undefined where something has to be. */
  readonly unless: string | undefined;
  /** What else there is to say of its value. */
  readonly note?: string | undefined;
  readonly onChange: (entry: Entry) => void;
  readonly Value: ValueComponent;
}

const emptyWords: Readonly<Partial<Record<Shape["kind"], string>>> = {
  string: "Give an empty text",
  list: "Give an empty list",
  map: "Give an empty map",
};

/** An input, or a field of a struct: its name, type and description, whether it is given, and its value. */
export function EntryFrame(props: EntryFrameProps): VNode {
  const {
    name,
    type,
    shape,
    description,
    place,
    label,
    entry,
    first,
    unless,
    note,
    onChange,
    Value,
  } = props;
  const { isGiven, draft } = entry;
  const empty = unless === undefined && !isGiven ? emptyWords[shape.kind] : undefined;
  return (
    <div class="entry">
      <div class="entry-head">
        <label class="entry-name" for={place}>
          <Text max={200}>{name}</Text>
        </label>
        <code class="muted">
          <Text max={200}>{type}</Text>
        </code>
        {unless === undefined && !isGiven && <span class="muted">required</span>}
        {unless !== undefined && <span class="chip">{isGiven ? "changed" : unless}</span>}
        <span class="entry-actions">
          {unless !== undefined && isGiven && (
            <Button label={`Undo the change of ${label}`} onClick={() => onChange(first)}>
              Undo
            </Button>
          )}
          {empty !== undefined && (
            <Button
              label={`${empty} for ${label}`}
              onClick={() => onChange({ ...entry, isGiven: true })}
            >
              {empty}
            </Button>
          )}
        </span>
      </div>
      {description !== "" && (
        <p class="muted hint">
          <Text max={2_000}>{description}</Text>
        </p>
      )}
      {note !== undefined && <p class="hint">{note}</p>}
      <Value
        shape={shape}
        draft={draft}
        place={place}
        label={label}
        onChange={(next) => onChange({ isGiven: true, draft: next })}
      />
    </div>
  );
}
