import type { VNode } from "preact";
import type { VariableEntry } from "../../../../src/idl/literals.ts";
import { stringifyJson } from "../../../../src/shared/json.ts";
import { FaultLog } from "../../../../src/values/fault-log.ts";
import { printType } from "../../../../src/values/type-names.ts";
import { toJson } from "../../launch/draft-to-json.ts";
import type { InputField } from "../../launch/input-fields.ts";
import { TableFrame } from "../../ui/table-frame.tsx";
import { Text } from "../../ui/text.tsx";

/** What a task takes. */
export function InputsTable({ fields }: { readonly fields: readonly InputField[] }): VNode {
  if (fields.length === 0) return <p class="muted">It takes no inputs.</p>;
  return (
    <TableFrame label="Table of inputs">
      <table class="table interface" aria-label="Inputs">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Unless given</th>
            <th scope="col">Description</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name}>
              <th scope="row">
                <Text max={200}>{field.name}</Text>
              </th>
              <td>
                <TypeWords field={field} />
              </td>
              <td>
                <Fallback field={field} />
              </td>
              <td>
                <Text max={1_000}>{field.description}</Text>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function TypeWords({ field: { typeName, shape } }: { readonly field: InputField }): VNode {
  return (
    <>
      <code>
        <Text max={300}>{typeName}</Text>
      </code>
      {shape.kind === "enum" && (
        <div class="muted">
          <Text max={300}>{shape.values.map(String).join(", ")}</Text>
        </div>
      )}
      {shape.kind === "struct" && (
        <div class="muted">
          <Text max={500}>
            {shape.fields.map(({ name, type }) => `${name}: ${type}`).join(", ")}
          </Text>
        </div>
      )}
    </>
  );
}

function Fallback({ field: { kept, shape } }: { readonly field: InputField }): VNode {
  if (kept === undefined) return <span class="chip">required</span>;
  if (kept.draft === undefined) return <span class="muted">a value that JSON cannot show</span>;
  return (
    <code>
      <Text max={300}>{stringifyJson(toJson(kept.draft, shape, new FaultLog()))}</Text>
    </code>
  );
}

/** What a task gives back. */
export function OutputsTable({
  variables,
}: {
  readonly variables: readonly VariableEntry[];
}): VNode {
  if (variables.length === 0) return <p class="muted">It gives nothing back.</p>;
  return (
    <TableFrame label="Table of outputs">
      <table class="table interface" aria-label="Outputs">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Type</th>
            <th scope="col">Description</th>
          </tr>
        </thead>
        <tbody>
          {variables.map(({ key, value }) => (
            <tr key={key}>
              <th scope="row">
                <Text max={200}>{key}</Text>
              </th>
              <td>
                <code>
                  <Text max={300}>{printType(value?.type)}</Text>
                </code>
              </td>
              <td>
                <Text max={1_000}>{value?.description ?? ""}</Text>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
