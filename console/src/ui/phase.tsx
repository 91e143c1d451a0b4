import type { VNode } from "preact";
import { isTerminal, toPhase } from "../../../src/values/phases.ts";
import { toPhaseWords } from "../text/phase-words.ts";

/** A phase by its number, with its word and a sign, so that colour is never alone. */
export function Phase({ phase }: { readonly phase: number }): VNode {
  const name = toPhase(phase) ?? "unknown";
  return (
    <span class={`phase phase-${name}`}>
      <span class="phase-sign" aria-hidden="true" />
      {toPhaseWords(name)}
    </span>
  );
}

/** Whether nothing can follow. */
export function isEndPhase(phase: number): boolean {
  const name = toPhase(phase);
  return name !== undefined && isTerminal(name);
}
