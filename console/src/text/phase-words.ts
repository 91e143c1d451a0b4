import type { Phase } from "../../../src/values/phases.ts";

/** A phase for people: `Succeeded`, `Waiting for resources`. */
export function toPhaseWords(phase: Phase | "unknown"): string {
  const words = phase.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
