import type { VNode } from "preact";
import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { Elapsed } from "../../ui/elapsed.tsx";
import { Phase } from "../../ui/phase.tsx";
import { Text } from "../../ui/text.tsx";
import { useVirtualRows } from "../../ui/use-virtual-rows.ts";
import { layoutTree, type TreeLine } from "./action-tree.ts";
import { moveInTree } from "./move-in-tree.ts";
import type { RunAction } from "./run-action.ts";

const rowHeight = 36;

/** All actions of a run below their parents. Arrow keys move, Enter chooses. */
export function ActionsTree({
  actions,
  selected,
  onSelect,
}: {
  readonly actions: readonly RunAction[];
  readonly selected: string;
  readonly onSelect: (name: string) => void;
}): VNode {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(selected);
  const lines = useMemo(() => layoutTree(actions, closed), [actions, closed]);
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, height, scrollTo } = useVirtualRows({
    scroller,
    count: lines.length,
    rowHeight,
    keyOf: (index) => lines[index]?.item.name ?? index,
  });
  const base = useId();
  const at = Math.max(
    0,
    lines.findIndex(({ item }) => item.name === active),
  );
  useEffect(() => setActive(selected), [selected]);
  // Not when others come in above it: what is read then stays where it is.
  useEffect(() => scrollTo(at), [active]);
  const toggle = (name: string, isOpen: boolean): void => {
    const next = new Set(closed);
    if (isOpen) next.delete(name);
    else next.add(name);
    setClosed(next);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = moveInTree(lines, at, event.key);
    if (move === undefined) return;
    event.preventDefault();
    if (move.kind === "go") setActive(lines[move.to]?.item.name ?? active);
    else if (move.kind === "toggle") toggle(move.name, move.isOpen);
    else onSelect(move.name);
  };
  const isShown = rows.some(({ index }) => index === at);
  return (
    <div
      ref={scroller}
      class="run-tree"
      role="tree"
      aria-label="Actions"
      tabIndex={0}
      aria-activedescendant={isShown ? `${base}-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div class="run-tree-rows" role="presentation" style={{ height: `${height}px` }}>
        {rows.map(({ index, start }) => {
          const line = lines[index];
          if (line === undefined) return null;
          return (
            <Row
              key={line.item.name}
              id={`${base}-${index}`}
              line={line}
              start={start}
              isActive={index === at}
              isSelected={line.item.name === selected}
              onSelect={onSelect}
              onToggle={toggle}
            />
          );
        })}
      </div>
    </div>
  );
}

/** Levels beyond this are not moved further to the right. */
const deepest = 12;

function Row({
  id,
  line: { item, level, position, siblings, descendants, isOpen },
  start,
  isActive,
  isSelected,
  onSelect,
  onToggle,
}: {
  readonly id: string;
  readonly line: TreeLine<RunAction>;
  readonly start: number;
  readonly isActive: boolean;
  readonly isSelected: boolean;
  readonly onSelect: (name: string) => void;
  readonly onToggle: (name: string, isOpen: boolean) => void;
}): VNode {
  const { name, label, phase, status, group, kind } = item;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the tree.
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus and names the row.
    <div
      id={id}
      class={`run-tree-row${isActive ? " run-tree-active" : ""}`}
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isSelected}
      aria-expanded={descendants === 0 ? undefined : isOpen}
      style={{
        transform: `translateY(${start}px)`,
        paddingLeft: `${8 + (Math.min(level, deepest) - 1) * 16}px`,
      }}
      onClick={() => onSelect(name)}
    >
      {/* For the mouse; keys have ArrowLeft and ArrowRight. */}
      <span
        class="run-twisty"
        aria-hidden="true"
        onClick={(event) => {
          if (descendants === 0) return;
          event.stopPropagation();
          onToggle(name, !isOpen);
        }}
      >
        {descendants === 0 ? "" : isOpen ? "▾" : "▸"}
      </span>
      <span class="run-tree-name">
        <Text max={100}>{label}</Text>
        {kind !== "task" && <span class="muted"> {kind}</span>}
        {group !== "" && (
          <span class="muted">
            {" "}
            in <Text max={40}>{group}</Text>
          </span>
        )}
        {!isOpen && descendants > 0 && <span class="muted"> +{descendants.toLocaleString()}</span>}
      </span>
      <Phase phase={phase} />
      <span class="run-length muted">
        <Elapsed from={status?.startTime} to={status?.endTime} />
      </span>
    </div>
  );
}
