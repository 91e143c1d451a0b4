import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { App, AppWatchResponse } from "../../../../src/idl/apps.ts";
import { apps } from "../../control-plane/clients.ts";
import { isNotFound } from "../../control-plane/error-words.ts";
import { useWatch } from "../../control-plane/use-watch.ts";
import { useQuery } from "../../navigation/location.ts";
import type { PageProps } from "../../page-props.ts";
import { appsPath, type Scope } from "../../scope.ts";
import { Empty } from "../../ui/empty.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { lazyPart } from "../../ui/lazy-part.tsx";
import { Loading } from "../../ui/loading.tsx";
import { NoSuch } from "../../ui/no-such.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { Tabs } from "../../ui/tabs.tsx";
import { Text } from "../../ui/text.tsx";
import { WatchState } from "../../ui/watch-state.tsx";
import "./app.css";
import { AppActions } from "./app-actions.tsx";
import { AppHistory } from "./app-history.tsx";
import { AppOverview } from "./app-overview.tsx";
import { AppSpecification } from "./app-specification.tsx";
import { AppStateLine } from "./app-state-line.tsx";
import { tailAppLogs } from "./tail-app-logs.ts";

const LogView = lazyPart("the log", () =>
  import("../../ui/log-view.tsx").then((module) => module.LogView),
);

/** An app, live: `app.url` opens it. */
export function AppPage({ scope, params }: PageProps): VNode {
  const name = params["app"] ?? "";
  usePageTitle(name);
  const [told, setTold] = useState<{ readonly app: App | undefined }>();
  const { project, domain } = scope;
  const status = useWatch({
    key: `${project}/${domain}/${name}`,
    open: (signal, onHeader) => {
      const target = { case: "appId", value: { project, domain, name } } as const;
      return apps.watch({ target }, { signal, onHeader });
    },
    onMessage: (message) => setTold({ app: toApp(message) }),
  });
  const error = "error" in status ? status.error : undefined;
  const app = isNotFound(error) ? undefined : told?.app;
  const wasDeleted = told !== undefined && app === undefined;
  return (
    <>
      <PageHeader title={name} above={{ title: "Apps", href: appsPath(scope) }}>
        <WatchState status={status} />
        {app !== undefined && <AppActions scope={scope} name={name} app={app} />}
      </PageHeader>
      {wasDeleted ? (
        <Deleted scope={scope} />
      ) : told === undefined && error !== undefined ? (
        <NoSuch what="app" name={name} scope={scope} error={error} />
      ) : (
        <ErrorNotice error={error} />
      )}
      {told === undefined && error === undefined && <Loading what="the app" />}
      {app !== undefined && <AppContent scope={scope} name={name} app={app} />}
    </>
  );
}

function Deleted({ scope }: { readonly scope: Scope }): VNode {
  return (
    <Empty title="This app was deleted">
      <p>
        Go to <a href={appsPath(scope)}>the apps</a> of <Text max={60}>{scope.project}</Text>.
      </p>
    </Empty>
  );
}

function toApp({ event }: AppWatchResponse): App | undefined {
  if (event.case === "createEvent") return event.value.app;
  if (event.case === "updateEvent") return event.value.updatedApp;
  return undefined;
}

const tabs = [
  { id: "overview", label: "Overview" },
  { id: "logs", label: "Logs" },
  { id: "specification", label: "Specification" },
];

function AppContent({
  scope,
  name,
  app,
}: {
  readonly scope: Scope;
  readonly name: string;
  readonly app: App;
}): VNode {
  const [query, change] = useQuery();
  const tab = tabs.find(({ id }) => id === query.get("tab"))?.id ?? "overview";
  const description = app.spec?.profile?.shortDescription ?? "";
  return (
    <>
      {description !== "" && (
        <p>
          <Text max={500}>{description}</Text>
        </p>
      )}
      <AppStateLine app={app} />
      <Tabs
        label="Parts of the app"
        tabs={tabs}
        current={tab}
        onChange={(id) => change({ tab: id === "overview" ? undefined : id })}
      >
        {tab === "overview" && (
          <>
            <AppOverview app={app} />
            <AppHistory app={app} />
          </>
        )}
        {tab === "logs" && (
          <LogView
            name={name}
            watchKey={`${scope.project}/${scope.domain}/${name}`}
            open={(signal, onHeader) => tailAppLogs(scope, name, { signal, onHeader })}
          />
        )}
        {tab === "specification" && <AppSpecification scope={scope} app={app} />}
      </Tabs>
    </>
  );
}
