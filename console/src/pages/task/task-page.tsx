import type { VNode } from "preact";
import { useMemo } from "preact/hooks";
import { useCall } from "../../control-plane/use-call.ts";
import { CallTabs } from "../../launch/call-tabs.tsx";
import { exampleInputs } from "../../launch/example-inputs.ts";
import { toFields } from "../../launch/input-fields.ts";
import { useQuery } from "../../navigation/location.ts";
import type { PageProps } from "../../page-props.ts";
import { launchPath, type Scope, tasksPath } from "../../scope.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { Text } from "../../ui/text.tsx";
import "./task.css";
import { InputsTable, OutputsTable } from "./interface-tables.tsx";
import { NoTask } from "./no-task.tsx";
import { type ReadTask, readTask } from "./read-task.ts";
import { RunsCard } from "./runs-card.tsx";
import { TaskFacts } from "./task-facts.tsx";
import { TriggersCard } from "./triggers-card.tsx";
import { VersionSelect } from "./version-select.tsx";

/** A task: one version of it, its runs and triggers, and how to call it. */
export function TaskPage({ scope, params }: PageProps): VNode {
  const { task = "" } = params;
  usePageTitle(task);
  const [query, change] = useQuery();
  const version = query.get("version") ?? undefined;
  const key = JSON.stringify([scope, task, version]);
  const { data, error, reload } = useCall(key, (signal) => readTask(scope, task, version, signal));
  const shown = data?.details.taskId?.version;
  return (
    <>
      <PageHeader title={task} above={{ title: "Tasks", href: tasksPath(scope) }}>
        {shown !== undefined && (
          <>
            <VersionSelect
              scope={scope}
              task={task}
              version={shown}
              onChange={(next) => change({ version: next }, { replace: false })}
            />
            <a
              class="button button-primary"
              href={launchPath(scope, task, version === undefined ? {} : { version })}
            >
              Launch
            </a>
          </>
        )}
      </PageHeader>
      {data === undefined && error === undefined && <Loading what="the task" />}
      {data === undefined && error !== undefined && (
        <NoTask scope={scope} task={task} version={version} error={error} retry={reload} />
      )}
      {data !== undefined && <ErrorNotice error={error} retry={reload} />}
      {data !== undefined && <TaskVersion scope={scope} task={task} read={data} />}
    </>
  );
}

function TaskVersion({
  scope,
  task,
  read,
}: {
  readonly scope: Scope;
  readonly task: string;
  readonly read: ReadTask;
}): VNode {
  const { details, latest } = read;
  const { spec } = details;
  const signature = spec?.taskTemplate?.interface;
  const fields = useMemo(
    () => toFields({ interface: signature, defaultInputs: spec?.defaultInputs ?? [] }),
    [details],
  );
  const { shortDescription = "", longDescription = "" } = spec?.documentation ?? {};
  const version = details.taskId?.version;
  return (
    <>
      {shortDescription !== "" && (
        <p class="task-short">
          <Text max={1_000}>{shortDescription}</Text>
        </p>
      )}
      <TaskFacts details={details} isLatest={version === latest} />
      {longDescription !== "" && longDescription !== shortDescription && (
        <section class="card" aria-labelledby="documentation">
          <h2 id="documentation">Documentation</h2>
          <p class="task-long">
            <Text max={10_000}>{longDescription}</Text>
          </p>
        </section>
      )}
      <section class="card" aria-labelledby="task-inputs">
        <h2 id="task-inputs">Inputs</h2>
        <InputsTable fields={fields} />
      </section>
      <section class="card" aria-labelledby="task-outputs">
        <h2 id="task-outputs">Outputs</h2>
        <OutputsTable variables={signature?.outputs?.variables ?? []} />
      </section>
      <section class="card" aria-labelledby="task-call">
        <h2 id="task-call">Call it from a program</h2>
        <CallTabs
          scope={scope}
          task={task}
          version={version === latest ? undefined : version}
          inputs={exampleInputs(fields)}
        />
      </section>
      <RunsCard scope={scope} task={task} />
      <TriggersCard scope={scope} task={task} />
    </>
  );
}
