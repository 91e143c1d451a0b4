import type { VNode } from "preact";
import { quoteShellWord } from "../../../../src/shared/quote-shell-word.ts";
import { tasks } from "../../control-plane/clients.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { type Scope, tasksPath } from "../../scope.ts";
import { toScopeOptions } from "../../text/scope-options.ts";
import { Button } from "../../ui/button.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Empty } from "../../ui/empty.tsx";
import { Loading } from "../../ui/loading.tsx";
import { useWebhookAddress } from "../../webhook/webhook-address.ts";

/** Where no run matches. */
export function NoMatch({ clear }: { readonly clear: () => void }): VNode {
  return (
    <Empty title="No run matches these filters">
      <p class="muted">Runs that match show here as soon as they start.</p>
      <Button onClick={clear}>Clear filters</Button>
    </Empty>
  );
}

/** Where there has been no run yet. */
export function NoRuns({ scope }: { readonly scope: Scope }): VNode {
  const { project, domain } = scope;
  const webhook = useWebhookAddress();
  const { data, isLoading } = useCall(`first-task ${project}/${domain}`, async (signal) => {
    const value = { name: project, domain };
    const { tasks: found } = await tasks.listTasks(
      { request: { limit: 1 }, scopeBy: { case: "projectId", value } },
      { signal },
    );
    return found[0]?.taskId?.name ?? "";
  });
  if (isLoading) return <Loading what="tasks" />;
  if (data === undefined || data === "") {
    return (
      <Empty
        title="No runs yet, and no task to run"
        command={`flyte-webhook deploy tasks.ts ${toScopeOptions(scope)}`}
      >
        <p class="muted">Deploy tasks from a file first:</p>
      </Empty>
    );
  }
  const target = [domain, project, data].map(encodeURIComponent).join("/");
  const path = `/run-task/${target}`;
  const url = webhook === undefined ? `"$WEBHOOK${path}"` : quoteShellWord(`${webhook}${path}`);
  return (
    <Empty
      title="No runs yet"
      command={`flyte-webhook run ${quoteShellWord(`${domain}/${project}/${data}`)}`}
    >
      <p class="muted">
        Start one of your <a href={tasksPath(scope)}>tasks</a>. It shows here at once.
      </p>
      <p class="muted">
        Through the webhook, with your API key in the variable <code>FLYTE_API_KEY</code>
        {webhook === undefined && (
          <>
            {" "}
            and the address that it printed in <code>WEBHOOK</code>
          </>
        )}
        :
      </p>
      <CodeBlock
        label="Call of the webhook"
        text={`curl -X POST ${url} -H "Authorization: Bearer $FLYTE_API_KEY"`}
      />
      <p class="muted">By the command line:</p>
    </Empty>
  );
}
