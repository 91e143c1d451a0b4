import type { VNode } from "preact";
import { useSignedIn } from "../../session/session.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Text } from "../../ui/text.tsx";

/** Why somebody does not see what others did, and what would let them. */
export function NotInspector({ what }: { readonly what: string }): VNode {
  const { subject } = useSignedIn();
  return (
    <div class="notice notice-warn stack">
      <div>
        <h2>You may not see {what}</h2>
        <p>
          They tell what others did. Only inspectors may see them, and{" "}
          <Text max={120}>{subject}</Text> is none. Whoever runs the webhook can change that, with
          this option besides those it has:
        </p>
      </div>
      <CodeBlock text={`--inspectors ${subject}`} label="Option" />
    </div>
  );
}
