import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Button } from "../../ui/button.tsx";
import type { Draft } from "../draft.ts";
import { toFormDraft, toJsonDraft } from "../json-switch.ts";
import { ChoiceControl, UnionControl } from "./choice-controls.tsx";
import type { ControlProps, ValueProps } from "./control-props.ts";
import { DatetimeControl } from "./datetime-control.tsx";
import { Faults } from "./faults.tsx";
import { PartsControl } from "./parts-control.tsx";
import { ListControl, MapControl } from "./rows-controls.tsx";
import { StructControl } from "./struct-control.tsx";
import { JsonControl, TextControl } from "./text-controls.tsx";

/** The control of a value of any type, which can be edited as JSON instead. */
export function ValueControl(props: ValueProps): VNode {
  const { shape, draft, place, label, onChange, isPlain = false } = props;
  const [refusal, setRefusal] = useState<string>();
  const isJson = draft.kind === "json";
  const change = (next: Draft): void => {
    setRefusal(undefined);
    onChange(next);
  };
  const toggle = (): void => {
    const result =
      draft.kind === "json" ? toFormDraft(draft, shape) : { draft: toJsonDraft(draft, shape) };
    if ("draft" in result) change(result.draft);
    else setRefusal(result.refusal);
  };
  return (
    <div class="value-control">
      <div class="value-main">
        {control({ ...props, onChange: change, Value: ValueControl })}
        {refusal !== undefined && (
          <p class="field-error" role="alert">
            {refusal}
          </p>
        )}
        <Faults place={place} />
      </div>
      {(isJson || !isPlain) && shape.kind !== "json" && shape.kind !== "none" && (
        <Button label={`Edit ${label} as JSON`} pressed={isJson} onClick={toggle}>
          <span class="mono">{"{ }"}</span>
        </Button>
      )}
    </div>
  );
}

function control(props: ControlProps): VNode {
  const { shape, draft } = props;
  if (draft.kind === "json") return <JsonControl {...props} draft={draft} />;
  if (draft.kind === "datetime") return <DatetimeControl {...props} draft={draft} />;
  if (draft.kind === "choice") return <ChoiceControl {...props} draft={draft} />;
  if (draft.kind === "parts") return <PartsControl {...props} draft={draft} />;
  if (draft.kind === "none") {
    return (
      <p class="muted" id={props.place} tabIndex={-1}>
        null, the only value of this type
      </p>
    );
  }
  if (draft.kind === "list" && shape.kind === "list") {
    return <ListControl {...props} draft={draft} shape={shape} />;
  }
  if (draft.kind === "map" && shape.kind === "map") {
    return <MapControl {...props} draft={draft} shape={shape} />;
  }
  if (draft.kind === "union" && shape.kind === "union") {
    return <UnionControl {...props} draft={draft} shape={shape} />;
  }
  if (draft.kind === "struct" && shape.kind === "struct") {
    return <StructControl {...props} draft={draft} shape={shape} />;
  }
  const text = draft.kind === "text" ? draft : { kind: "text" as const, text: "" };
  return <TextControl {...props} draft={text} />;
}
