import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { ActionDetails } from "../../../../src/idl/runs.ts";
import { runs } from "../../control-plane/clients.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { useQuery } from "../../navigation/location.ts";
import { pagePath } from "../../scope.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { lazyPart } from "../../ui/lazy-part.tsx";
import { Loading } from "../../ui/loading.tsx";
import { Phase } from "../../ui/phase.tsx";
import { type Tab, Tabs } from "../../ui/tabs.tsx";
import { Text } from "../../ui/text.tsx";
import { ActionOverview } from "./action-overview.tsx";
import { labelOf, rootAction } from "./run-action.ts";
import { useReread } from "./use-reread.ts";
import type { RunActions, RunKey } from "./use-run-actions.ts";

const ActionLogs = lazyPart("the log", () =>
  import("./action-logs.tsx").then((module) => module.ActionLogs),
);
const ActionsTree = lazyPart("the actions", () =>
  import("./actions-tree.tsx").then((module) => module.ActionsTree),
);

interface RunTabsProps {
  readonly run: RunKey;
  /** Of the root action. */
  readonly details: ActionDetails;
  readonly actions: RunActions;
}

/** What a run, or the action of the address, did and wrote, and all actions. */
export function RunTabs({ run, details, actions }: RunTabsProps): VNode {
  const [query, change] = useQuery();
  const selected = query.get("action") || rootAction;
  const tabs: readonly Tab[] = [
    { id: "overview", label: "Overview" },
    { id: "logs", label: "Logs" },
    ...(actions.all.length > 1
      ? [{ id: "actions", label: `Actions (${actions.all.length.toLocaleString()})` }]
      : []),
  ];
  const wanted = query.get("tab");
  const current = tabs.find(({ id }) => id === wanted)?.id ?? "overview";
  const shown =
    selected === rootAction ? (
      <ActionPane run={run} actions={actions} details={details} tab={current} />
    ) : (
      <ChildPane key={selected} run={run} actions={actions} name={selected} tab={current} />
    );
  return (
    <Tabs
      label="Of the run"
      tabs={tabs}
      current={current}
      onChange={(id) => change({ tab: id === "overview" ? undefined : id }, { replace: false })}
    >
      {current === "actions" ? (
        <div class="run-actions">
          <ActionsTree
            actions={actions.all}
            selected={selected}
            onSelect={(name) =>
              change(
                { action: name === rootAction ? undefined : name, attempt: undefined },
                { replace: false },
              )
            }
          />
          <div class="stack">{shown}</div>
        </div>
      ) : (
        shown
      )}
    </Tabs>
  );
}

interface PaneProps {
  readonly run: RunKey;
  readonly actions: RunActions;
  readonly tab: string;
}

/** An action below the root, which has to be asked for. */
function ChildPane({ name, ...props }: PaneProps & { readonly name: string }): VNode {
  const { run, actions } = props;
  const call = useCall(`action ${run.domain}/${run.project}/${run.name}/${name}`, (signal) =>
    runs.getActionDetails({ actionId: { run, name } }, { signal }),
  );
  useReread(call, actions.byName.get(name)?.change);
  const { data, error, reload } = call;
  if (data?.details !== undefined) return <ActionPane {...props} details={data.details} />;
  if (error === undefined) return <Loading what="the action" />;
  return (
    <>
      <ErrorNotice error={error} retry={reload} />
      <p>
        <a href={pagePath(run, ["runs", run.name])}>Show the run itself</a>
      </p>
    </>
  );
}

function ActionPane({
  run,
  actions,
  details,
  tab,
}: PaneProps & { readonly details: ActionDetails }): VNode {
  const [, change] = useQuery();
  const isLogs = tab === "logs";
  const attempts = details.attempts.length;
  useEffect(() => {
    // An attempt that there is not would show nothing for ever.
    const wanted = Number(new URLSearchParams(location.search).get("attempt") ?? "0");
    if (isLogs && wanted > 0 && attempts > 0 && wanted > attempts) change({ attempt: undefined });
  }, [isLogs, attempts]);
  return (
    <>
      <ChildHead run={run} details={details} tab={tab} />
      {isLogs ? (
        <ActionLogs run={run} details={details} />
      ) : (
        <ActionOverview run={run} actions={actions} details={details} />
      )}
    </>
  );
}

/** Which action is shown, where it is not the run itself. */
function ChildHead({
  run,
  details,
  tab,
}: {
  readonly run: RunKey;
  readonly details: ActionDetails;
  readonly tab: string;
}): VNode | null {
  const name = details.id?.name ?? "";
  if (name === rootAction) return null;
  const here = { tab: tab === "overview" ? undefined : tab };
  const path = pagePath(run, ["runs", run.name], here);
  const logs = pagePath(run, ["runs", run.name], { action: name, tab: "logs" });
  return (
    <div class="run-child-head">
      <h2>
        <Text max={200}>{labelOf(details.metadata) || name}</Text>
      </h2>
      <Phase phase={details.status?.phase ?? 0} />
      <span class="muted mono">
        <Text max={60}>{name}</Text>
      </span>
      {tab === "actions" && <a href={logs}>Its log</a>}
      {tab !== "actions" && <a href={path}>Show the run itself</a>}
    </div>
  );
}
