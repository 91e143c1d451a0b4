import type { VNode } from "preact";
import { useCall } from "../../control-plane/use-call.ts";
import { useRefresh } from "../../control-plane/use-refresh.ts";
import type { PageProps } from "../../page-props.ts";
import { type Scope, triggersPath } from "../../scope.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Freshness } from "../../ui/freshness.tsx";
import { Loading } from "../../ui/loading.tsx";
import { NoSuch } from "../../ui/no-such.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { nextFireOf } from "../triggers/trigger-row.ts";
import { HistoryCard } from "./history-card.tsx";
import { LiveTrigger } from "./live-trigger.tsx";
import { readTriggerState, type TriggerState } from "./read-trigger.ts";
import { RunsCard } from "./runs-card.tsx";
import "../triggers/triggers.css";
import "./trigger.css";

/** A trigger: when it fires, what it gives, what it started, and who changed it. */
export function TriggerPage({ scope, params }: PageProps): VNode {
  const { task = "", trigger: name = "" } = params;
  usePageTitle(`Trigger ${name}`);
  const key = { ...scope, task, name };
  const { data, error, isLoading, reload } = useCall(JSON.stringify(key), (signal) =>
    readTriggerState(key, signal),
  );
  useRefresh(reload, { dueAt: dueOf(data) });
  const freshness = (
    <Freshness readAt={data?.readAt} reload={reload} isLoading={isLoading} what="the trigger" />
  );
  if (data?.trigger !== undefined) {
    const { trigger } = data;
    return (
      <LiveTrigger key={name} scope={scope} state={{ ...data, trigger }} reload={reload}>
        {freshness}
        <ErrorNotice error={error} retry={reload} />
      </LiveTrigger>
    );
  }
  return (
    <>
      <PageHeader title={name} above={{ title: "Triggers", href: triggersPath(scope) }} />
      {data === undefined && error === undefined && <Loading what="the trigger" />}
      {data === undefined && error !== undefined && (
        <NoSuch what="trigger" name={name} scope={scope} error={error} retry={reload} />
      )}
      {data !== undefined && <ErrorNotice error={error} retry={reload} />}
      {data !== undefined && <DeletedTrigger scope={scope} task={task} state={data} />}
    </>
  );
}

function dueOf(data: TriggerState | undefined): number | undefined {
  return data?.trigger && nextFireOf(data.trigger.row, data.readAt);
}

function DeletedTrigger({
  scope,
  task,
  state,
}: {
  readonly scope: Scope;
  readonly task: string;
  readonly state: TriggerState;
}): VNode {
  return (
    <>
      <p class="notice notice-warn">This trigger is deleted: it fires no more.</p>
      <RunsCard scope={scope} task={task} runs={state.runs} hasMore={state.hasMoreRuns} />
      <HistoryCard revisions={state.revisions} />
    </>
  );
}
