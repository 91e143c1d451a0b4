import type { VNode } from "preact";
import { stringifyJson } from "../../../../src/shared/json.ts";
import { toAttributeText } from "../../text/attribute-text.ts";
import { choicesOf, emptyDraft } from "../draft.ts";
import { variantPlace } from "../fault-places.ts";
import type { ShapeOf } from "../shape.ts";
import type { ControlProps } from "./control-props.ts";
import { useFaultProps } from "./faults.tsx";

const longest = 100;

/** One of several values. */
export function ChoiceControl({
  shape,
  draft,
  place,
  label,
  onChange,
}: ControlProps<"choice">): VNode {
  return (
    <select
      id={place}
      aria-label={label}
      value={draft.at ?? ""}
      {...useFaultProps(place)}
      onChange={({ currentTarget: { value } }) =>
        onChange({ kind: "choice", at: value === "" ? undefined : Number(value) })
      }
    >
      <option value="">Choose …</option>
      {choicesOf(shape).map((choice, index) => (
        <option key={index} value={index}>
          {toAttributeText(typeof choice === "string" ? choice : stringifyJson(choice), longest)}
        </option>
      ))}
    </select>
  );
}

/** A value of one of several types: which, and the value. What was entered for the others is kept. */
export function UnionControl({
  shape,
  draft,
  place,
  label,
  onChange,
  Value,
}: ControlProps<"union", ShapeOf<"union">>): VNode {
  const { at, drafts } = draft;
  const variant = at === undefined ? undefined : shape.variants[at];
  const choose = (text: string): void => {
    const next = text === "" ? undefined : Number(text);
    const inner = next === undefined ? undefined : shape.variants[next];
    const entered = new Map(drafts);
    if (next !== undefined && inner !== undefined && !entered.has(next)) {
      entered.set(next, emptyDraft(inner.shape));
    }
    onChange({ kind: "union", at: next, drafts: entered });
  };
  return (
    <div class="stack-tight">
      <select
        id={place}
        aria-label={`Type of ${label}`}
        value={at ?? ""}
        {...useFaultProps(place)}
        onChange={({ currentTarget: { value } }) => choose(value)}
      >
        <option value="">Choose a type …</option>
        {shape.variants.map(({ name, shape: { kind } }, index) => (
          <option key={index} value={index}>
            {kind === "none" ? "null (nothing)" : toAttributeText(name, longest)}
          </option>
        ))}
      </select>
      {at !== undefined && variant !== undefined && variant.shape.kind !== "none" && (
        <Value
          key={at}
          shape={variant.shape}
          draft={drafts.get(at) ?? emptyDraft(variant.shape)}
          place={variantPlace(place)}
          label={label}
          isPlain
          onChange={(inner) => onChange({ ...draft, drafts: new Map(drafts).set(at, inner) })}
        />
      )}
    </div>
  );
}
