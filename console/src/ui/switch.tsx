import type { VNode } from "preact";
import { toAttributeText } from "../text/attribute-text.ts";

/** A switch that shows what is true: it does not move before the control plane has said so. */
export function Switch({
  label,
  isOn,
  isBusy = false,
  onChange,
}: {
  /** What it switches, for screen readers. */
  readonly label: string;
  readonly isOn: boolean;
  readonly isBusy?: boolean;
  readonly onChange: (isOn: boolean) => void;
}): VNode {
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={isOn}
      aria-busy={isBusy}
      aria-disabled={isBusy}
      aria-label={toAttributeText(label)}
      onClick={() => {
        if (!isBusy) onChange(!isOn);
      }}
    >
      <span class="switch-track" aria-hidden="true" />
      <span class="switch-word" aria-hidden="true">
        {isBusy ? "…" : isOn ? "On" : "Off"}
      </span>
    </button>
  );
}
