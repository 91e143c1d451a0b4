import type { VNode } from "preact";
import { ValueView } from "../../ui/value-view.tsx";
import type { InputRow } from "./input-rows.ts";

const words: Readonly<Record<InputRow["from"], string>> = {
  trigger: "set by the trigger",
  task: "default of the task",
  time: "the time at which it was due",
  kept: "kept by the control plane",
  nothing: "no value",
};

/** What a fire gives to the task. */
export function InputsCard({ rows }: { readonly rows: readonly InputRow[] }): VNode {
  return (
    <section class="card" aria-labelledby="trigger-inputs">
      <h2 id="trigger-inputs">Inputs</h2>
      {rows.length === 0 && <p class="muted">The task takes none.</p>}
      {rows.length > 0 && (
        <div class="value-list">
          {rows.map(({ name, value, type, description, from, fault }) => (
            <ValueView
              key={name}
              {...{ name, value, type, description }}
              note={words[from]}
              fault={fault === undefined ? undefined : { problem: fault }}
            />
          ))}
        </div>
      )}
    </section>
  );
}
