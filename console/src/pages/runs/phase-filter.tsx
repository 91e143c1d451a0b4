import type { VNode } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { fromPhase, type Phase as PhaseName, phases } from "../../../../src/values/phases.ts";
import { toPhaseWords } from "../../text/phase-words.ts";
import { Phase } from "../../ui/phase.tsx";

/** Chooses phases; none means all. */
export function PhaseFilter({
  chosen,
  onChange,
}: {
  readonly chosen: readonly PhaseName[];
  readonly onChange: (phases: readonly PhaseName[]) => void;
}): VNode {
  const [isOpen, setOpen] = useState(false);
  const menu = useRef<HTMLFieldSetElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return;
    const closeOutside = (event: Event): void => {
      if (event.target instanceof Node && !menu.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    document.addEventListener("focusin", closeOutside);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      document.removeEventListener("focusin", closeOutside);
    };
  }, [isOpen]);
  const toggle = (phase: PhaseName): void => {
    const next = new Set(chosen);
    if (!next.delete(phase)) next.add(phase);
    onChange(phases.filter((each) => next.has(each)));
  };
  return (
    <div class="field">
      <span class="label" id={`${id}-label`}>
        Phase
      </span>
      <fieldset
        ref={menu}
        class="phase-menu"
        aria-labelledby={`${id}-label`}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !isOpen) return;
          setOpen(false);
          button.current?.focus();
        }}
      >
        <button
          ref={button}
          type="button"
          class="button"
          id={`${id}-button`}
          aria-expanded={isOpen}
          aria-controls={isOpen ? `${id}-choices` : undefined}
          aria-labelledby={`${id}-label ${id}-button`}
          onClick={() => setOpen(!isOpen)}
        >
          <span>{chosen.length === 0 ? "Any" : chosen.map(toPhaseWords).join(", ")}</span>
          <span aria-hidden="true">▾</span>
        </button>
        {isOpen && (
          <div class="phase-choices" id={`${id}-choices`}>
            {phases.map((phase) => (
              <label key={phase}>
                <input
                  type="checkbox"
                  checked={chosen.includes(phase)}
                  onChange={() => toggle(phase)}
                />
                <Phase phase={fromPhase(phase)} />
              </label>
            ))}
          </div>
        )}
      </fieldset>
    </div>
  );
}
