import type { VNode } from "preact";
import type { Scope } from "../../scope.ts";
import { toScopeOptions } from "../../text/scope-options.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Empty } from "../../ui/empty.tsx";

/** Where no app is deployed yet. */
export function NoApps({ scope }: { readonly scope: Scope }): VNode {
  const place = toScopeOptions(scope);
  return (
    <Empty title="No app is deployed here">
      <p>Deploy the pre-built webhook as an app:</p>
      <CodeBlock
        text={`flyte-webhook deploy --name my-webhook ${place} --wait`}
        label="Command for the webhook"
      />
      <p>Or the apps that a file of yours exports:</p>
      <CodeBlock text={`flyte-webhook deploy app.ts ${place} --wait`} label="Command for a file" />
    </Empty>
  );
}
