import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import type { Row } from "../draft.ts";

export interface RowsProps<Of extends Row> {
  readonly place: string;
  readonly label: string;
  /** What a row is called. */
  readonly word: string;
  readonly rows: readonly Of[];
  readonly make: () => Of;
  /** `id` of the first control of a row. */
  readonly firstOf: (id: number) => string;
  readonly onChange: (rows: readonly Of[]) => void;
  readonly isMovable?: boolean;
  readonly children: (row: Of, index: number, change: (row: Of) => void) => VNode;
}

/** Rows that are added, removed and, where their order counts, moved; all by keyboard. */
export function Rows<Of extends Row>(props: RowsProps<Of>): VNode {
  const { place, label, word, rows, make, firstOf, onChange, isMovable = false, children } = props;
  const [focus, setFocus] = useFocusAfter();
  const [said, setSaid] = useState("");
  const addId = `${place}-add`;
  const add = (): void => {
    const row = make();
    setFocus(firstOf(row.id));
    setSaid("");
    onChange([...rows, row]);
  };
  const remove = (index: number): void => {
    const next = rows[index + 1] ?? rows[index - 1];
    setFocus(next === undefined ? addId : firstOf(next.id));
    setSaid(`Removed ${word} ${index + 1}.`);
    onChange(rows.filter((_, at) => at !== index));
  };
  const move = (index: number, to: number): void => {
    const moved = [...rows];
    const [row] = moved.splice(index, 1);
    if (row === undefined || to < 0 || to >= rows.length) return;
    moved.splice(to, 0, row);
    // The button that was pressed is at an end when it can go no further.
    const isEnd = to === 0 || to === rows.length - 1;
    setFocus(isEnd ? firstOf(row.id) : `${place}-${row.id}-${to < index ? "up" : "down"}`);
    setSaid(`Moved to place ${to + 1} of ${rows.length}.`);
    onChange(moved);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a list.
    <div class="rows" role="group" aria-label={label} id={place} tabIndex={-1} ref={focus}>
      {rows.map((row, index) => (
        <div key={row.id} class="rows-row">
          <span class="rows-place muted" aria-hidden="true">
            {index + 1}
          </span>
          <div class="rows-value">
            {children(row, index, (next) =>
              onChange(rows.map((each) => (each === row ? next : each))),
            )}
          </div>
          <div class="rows-actions">
            {isMovable && (
              <>
                <Button
                  id={`${place}-${row.id}-up`}
                  label={`Move ${word} ${index + 1} of ${label} up`}
                  isDisabled={index === 0}
                  onClick={() => move(index, index - 1)}
                >
                  ↑
                </Button>
                <Button
                  id={`${place}-${row.id}-down`}
                  label={`Move ${word} ${index + 1} of ${label} down`}
                  isDisabled={index === rows.length - 1}
                  onClick={() => move(index, index + 1)}
                >
                  ↓
                </Button>
              </>
            )}
            <Button label={`Remove ${word} ${index + 1} of ${label}`} onClick={() => remove(index)}>
              ×
            </Button>
          </div>
        </div>
      ))}
      <div class="row">
        <Button id={addId} label={`Add ${word} to ${label}`} onClick={add}>
          + Add {word}
        </Button>
        <span class="visually-hidden" role="status">
          {said}
        </span>
      </div>
    </div>
  );
}

/** Moves the focus to a control once it is there, before the next key can be pressed. */
function useFocusAfter(): readonly [
  within: { current: HTMLDivElement | null },
  set: (id: string) => void,
] {
  const within = useRef<HTMLDivElement>(null);
  const wanted = useRef<string>();
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    document.getElementById(wanted.current)?.focus();
    wanted.current = undefined;
  });
  return [
    within,
    (id) => {
      wanted.current = id;
    },
  ];
}
