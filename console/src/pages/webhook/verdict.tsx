import type { VNode } from "preact";
import { toVisible } from "../../text/visible-text.ts";
import { Badge } from "../../ui/badge.tsx";
import { verdictTone, verdictWords } from "../../webhook/words.ts";

const longest = 60;

/** What became of a delivery, in words. */
export function Verdict({ verdict }: { readonly verdict: string }): VNode {
  const words = toVisible(verdictWords(verdict).slice(0, longest));
  return <Badge tone={verdictTone(verdict)}>{words}</Badge>;
}
