import type { VNode } from "preact";
import { toAttributeText } from "../../text/attribute-text.ts";
import { Badge } from "../../ui/badge.tsx";
import { verdictTone, verdictWords } from "../../webhook/words.ts";

const longest = 60;

/** What became of a delivery, in words. */
export function Verdict({ verdict }: { readonly verdict: string }): VNode {
  const words = toAttributeText(verdictWords(verdict), longest);
  return <Badge tone={verdictTone(verdict)}>{words}</Badge>;
}
