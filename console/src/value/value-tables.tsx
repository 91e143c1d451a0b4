import type { ComponentChildren, VNode } from "preact";
import type { LiteralType } from "../../../src/idl/literals.ts";
import { isJsonObject, type JsonValue } from "../../../src/shared/json.ts";
import { TableFrame } from "../ui/table-frame.tsx";
import { Text } from "../ui/text.tsx";
import { Pages, usePages } from "./pages.tsx";
import { columnsOf } from "./value-kind.ts";

/** A value and where it is. */
export interface PlacedValue {
  /** Its path, for screen readers. */
  readonly name: string;
  readonly value: JsonValue;
  readonly type: LiteralType | undefined;
  /** How many lists and records it stands in. */
  readonly depth: number;
}

interface TableProps {
  readonly name: string;
  readonly depth: number;
  readonly show: (value: PlacedValue) => VNode;
}

/** A list: of records as a table of their fields, of anything else one below the other. */
export function ListTable({
  name,
  items,
  itemType,
  depth,
  show,
}: TableProps & {
  readonly items: readonly JsonValue[];
  readonly itemType: LiteralType | undefined;
}): VNode {
  const pages = usePages(items.length);
  const shown = items.slice(pages.from, pages.to);
  const columns = isOfStructs(itemType) ? columnsOf(shown) : undefined;
  const cell = (field: string, value: JsonValue, type: LiteralType | undefined): VNode => (
    <td key={field}>{show({ name: `${name}${field}`, value, type, depth: depth + 1 })}</td>
  );
  return (
    <Frame name={name} pages={<Pages {...pages} what="items" />}>
      <thead>
        <tr>
          <th scope="col" class="value-index">
            #
          </th>
          {(columns ?? ["Value"]).map((column) => (
            <th scope="col" key={column}>
              <Text max={80}>{column}</Text>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((item, at) => (
          <tr key={pages.from + at}>
            <th scope="row" class="value-index">
              {pages.from + at}
            </th>
            {columns === undefined
              ? cell(`[${pages.from + at}]`, item, itemType)
              : columns.map((column) =>
                  isJsonObject(item) && Object.hasOwn(item, column) ? (
                    cell(`[${pages.from + at}].${column}`, item[column] ?? null, undefined)
                  ) : (
                    <td key={column} />
                  ),
                )}
          </tr>
        ))}
      </tbody>
    </Frame>
  );
}

/** A map or struct. */
export function RecordTable({
  name,
  entries,
  valueType,
  depth,
  show,
}: TableProps & {
  readonly entries: readonly (readonly [key: string, value: JsonValue])[];
  readonly valueType: LiteralType | undefined;
}): VNode {
  const pages = usePages(entries.length);
  return (
    <Frame name={name} pages={<Pages {...pages} what="fields" />}>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {entries.slice(pages.from, pages.to).map(([key, value]) => (
          <tr key={key}>
            <th scope="row" class="value-key">
              <Text max={200}>{key}</Text>
            </th>
            <td>{show({ name: `${name}.${key}`, value, type: valueType, depth: depth + 1 })}</td>
          </tr>
        ))}
      </tbody>
    </Frame>
  );
}

function Frame({
  name,
  pages,
  children,
}: {
  readonly name: string;
  readonly pages: VNode;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <div class="value-frame">
      <TableFrame label={name}>
        <table class="table value-table">{children}</table>
      </TableFrame>
      {pages}
    </div>
  );
}

/** Blobs and their like are objects, too, but shown as what they are. */
function isOfStructs(type: LiteralType | undefined): boolean {
  return type === undefined || type.type.case === "simple" || type.type.case === "unionType";
}
