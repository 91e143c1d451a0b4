import type { VNode } from "preact";
import { Text } from "../../ui/text.tsx";
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
      {rows.map((row) => (
        <div key={row.name} class="trigger-input">
          <h3>
            <Text max={100}>{row.name}</Text> <span class="chip">{words[row.from]}</span>
          </h3>
          {row.value !== undefined && (
            <ValueView name={row.name} value={row.value} type={row.type} />
          )}
          {row.fault !== undefined && (
            <p class="muted">
              <Text max={1_000}>{row.fault}</Text>
            </p>
          )}
        </div>
      ))}
    </section>
  );
}
