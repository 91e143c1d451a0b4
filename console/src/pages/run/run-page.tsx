import type { VNode } from "preact";
import { runs } from "../../control-plane/clients.ts";
import { useCall } from "../../control-plane/use-call.ts";
import type { PageProps } from "../../page-props.ts";
import { runsPath } from "../../scope.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { NoSuch } from "../../ui/no-such.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { rootAction } from "./run-action.ts";
import { RunConditions } from "./run-conditions.tsx";
import { RunFacts } from "./run-facts.tsx";
import { RunHead } from "./run-head.tsx";
import { RunTabs } from "./run-tabs.tsx";
import { useReread } from "./use-reread.ts";
import { useRunActions } from "./use-run-actions.ts";
import "./run.css";

/** A run: what it is, what it does now, and what came of it. */
export function RunPage({ scope, params }: PageProps): VNode {
  const { run: name = "" } = params;
  const run = { ...scope, name };
  const actions = useRunActions(run);
  const call = useCall(`run ${scope.domain}/${scope.project}/${name}`, async (signal) => {
    const { details } = await runs.getRunDetails({ runId: run }, { signal });
    return details;
  });
  useReread(call, actions.byName.get(rootAction)?.change);
  usePageTitle(`Run ${name}`);
  const { data: details, error, reload } = call;
  if (details?.action === undefined) {
    return (
      <>
        <PageHeader title={name} above={{ title: "Runs", href: runsPath(scope) }} />
        {error === undefined ? (
          <Loading what="the run" />
        ) : (
          <NoSuch what="run" name={name} scope={scope} error={error} retry={reload} />
        )}
      </>
    );
  }
  return (
    <>
      <RunHead
        run={run}
        details={details}
        root={actions.byName.get(rootAction)}
        status={actions.status}
        reload={reload}
      />
      <ErrorNotice error={error} retry={reload} />
      <RunFacts scope={scope} details={details} />
      <RunConditions run={run} actions={actions} />
      <RunTabs run={run} details={details.action} actions={actions} />
    </>
  );
}
