import type { VNode } from "preact";
import { Text } from "../../ui/text.tsx";
import { verdictTone, verdictWords } from "../../webhook/words.ts";

/** What became of a delivery, in words. */
export function Verdict({ verdict }: { readonly verdict: string }): VNode {
  return (
    <span class={`tone tone-${verdictTone(verdict)}`}>
      <Text max={60}>{verdictWords(verdict)}</Text>
    </span>
  );
}
