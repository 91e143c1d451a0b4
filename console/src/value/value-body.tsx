import type { VNode } from "preact";
import { stringifyJson } from "../../../src/shared/json.ts";
import { LongText } from "../ui/long-text.tsx";
import { Folded } from "./folded.tsx";
import { SingleValue } from "./single-value.tsx";
import { toValueKind } from "./value-kind.ts";
import { ListTable, type PlacedValue, RecordTable } from "./value-tables.tsx";

/** Lists and records within each other that are opened one by one; deeper ones are JSON. */
const deepest = 8;

/** A value without its name. */
export function ValueBody({ name, value, type, depth }: PlacedValue): VNode {
  const kind = toValueKind(value, type);
  if (kind.kind !== "list" && kind.kind !== "record")
    return <SingleValue kind={kind} depth={depth} />;
  const count = kind.kind === "list" ? kind.items.length : kind.entries.length;
  if (count === 0) {
    return <span class="muted">{kind.kind === "list" ? "empty list" : "no fields"}</span>;
  }
  if (depth >= deepest) {
    return (
      <code class="value-text">
        <LongText max={200}>{stringifyJson(value)}</LongText>
      </code>
    );
  }
  const show = (inner: PlacedValue): VNode => <ValueBody {...inner} />;
  const table = (): VNode =>
    kind.kind === "list" ? (
      <ListTable {...{ name, depth, show }} items={kind.items} itemType={kind.itemType} />
    ) : (
      <RecordTable {...{ name, depth, show }} entries={kind.entries} valueType={kind.valueType} />
    );
  if (depth === 0) return table();
  const [one, many] = kind.kind === "list" ? ["item", "items"] : ["field", "fields"];
  return <Folded summary={`${count.toLocaleString()} ${count === 1 ? one : many}`}>{table}</Folded>;
}
