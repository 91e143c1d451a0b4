import type { VNode } from "preact";
import { toAttributeText } from "../text/attribute-text.ts";
import { CopyButton } from "./copy-button.tsx";
import { Text } from "./text.tsx";

/** Text to copy, as it is typed. */
export function CodeBlock({
  text,
  label,
}: {
  readonly text: string;
  readonly label: string;
}): VNode {
  return (
    <div class="code-block">
      {/* What scrolls has to be reached by keyboard (WCAG 2.1.1). */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above. */}
      <section class="code" aria-label={toAttributeText(label)} tabIndex={0}>
        <pre>
          <code>
            <Text>{text}</Text>
          </code>
        </pre>
      </section>
      <CopyButton text={text} what={label} />
    </div>
  );
}
