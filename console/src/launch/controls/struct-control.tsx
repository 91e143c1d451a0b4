import type { VNode } from "preact";
import { toVisible } from "../../text/visible-text.ts";
import { emptyDraft } from "../draft.ts";
import { fieldPlace } from "../fault-places.ts";
import { draftOrJson } from "../json-to-draft.ts";
import type { ShapeOf } from "../shape.ts";
import type { ControlProps } from "./control-props.ts";
import { EntryFrame } from "./entry-frame.tsx";

/** The fields of a struct. */
export function StructControl({
  shape,
  draft,
  place,
  label,
  onChange,
  Value,
}: ControlProps<"struct", ShapeOf<"struct">>): VNode {
  return (
    // biome-ignore lint/a11y/useSemanticElements: the legend stands above with the type.
    <div class="struct" role="group" aria-label={label} id={place} tabIndex={-1}>
      {shape.fields.map(({ name, type, shape: inner, description, isRequired, fallback }) => {
        const first = fallback === undefined ? emptyDraft(inner) : draftOrJson(fallback, inner);
        return (
          <EntryFrame
            key={name}
            Value={Value}
            name={name}
            type={type}
            shape={inner}
            description={description}
            place={fieldPlace(place, name)}
            label={`${label}.${toVisible(name)}`}
            entry={draft.fields[name] ?? { isGiven: false, draft: first }}
            first={{ isGiven: false, draft: first }}
            unless={fallback === undefined ? (isRequired ? undefined : "left out") : "default"}
            onChange={(entry) =>
              onChange({ kind: "struct", fields: { ...draft.fields, [name]: entry } })
            }
          />
        );
      })}
    </div>
  );
}
