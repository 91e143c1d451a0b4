import type { VNode } from "preact";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Empty } from "../../ui/empty.tsx";

/** Says how a devbox gets a webhook that it can tell of. */
export function NoWebhook(): VNode {
  return (
    <Empty title="This devbox knows of no webhook" command="flyte-webhook dev">
      <p>
        The command below starts a devbox together with its webhook, which this page then shows.
      </p>
      <p class="muted">Or name one that serves the group inspect and runs elsewhere:</p>
      <CodeBlock
        text="flyte-webhook devbox --webhook http://127.0.0.1:8080"
        label="Command for a webhook that runs elsewhere"
      />
    </Empty>
  );
}

/** Says how a webhook comes to tell of itself. */
export function NotInspectable(): VNode {
  return (
    <Empty
      title="The webhook of this devbox does not tell of itself"
      command="flyte-webhook dev --endpoint-group all inspect"
    >
      <p>
        It answers this page when it serves the group <code>inspect</code>. Name it beside the
        groups that it serves now:
      </p>
    </Empty>
  );
}
