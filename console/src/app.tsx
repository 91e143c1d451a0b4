import type { ComponentType, VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Shell } from "./layout/shell.tsx";
import { navigate, usePath } from "./navigation/location.ts";
import { matchPath } from "./navigation/match-path.ts";
import type { PageProps } from "./page-props.ts";
import { runsPath, type Scope } from "./scope.ts";
import { lastScope } from "./session/last-scope.ts";
import { SignInGate } from "./session/sign-in-gate.tsx";
import { Empty } from "./ui/empty.tsx";
import { ErrorBoundary } from "./ui/error-boundary.tsx";
import { lazyPart } from "./ui/lazy-part.tsx";
import { PageHeader } from "./ui/page-header.tsx";
import { usePageTitle } from "./ui/page-title.ts";
import { Text } from "./ui/text.tsx";

const base = "/v2/domain/:domain/project/:project";

const page = (load: () => Promise<ComponentType<PageProps>>) => lazyPart("the page", load);

/** Each page is loaded when it is first shown. */
const pages = {
  "/runs": page(() => import("./pages/runs/runs-page.tsx").then((m) => m.RunsPage)),
  "/runs/:run": page(() => import("./pages/run/run-page.tsx").then((m) => m.RunPage)),
  "/tasks": page(() => import("./pages/tasks/tasks-page.tsx").then((m) => m.TasksPage)),
  "/tasks/:task": page(() => import("./pages/task/task-page.tsx").then((m) => m.TaskPage)),
  "/tasks/:task/launch": page(() =>
    import("./pages/launch/launch-page.tsx").then((m) => m.LaunchPage),
  ),
  "/triggers": page(() => import("./pages/triggers/triggers-page.tsx").then((m) => m.TriggersPage)),
  "/triggers/:task/:trigger": page(() =>
    import("./pages/trigger/trigger-page.tsx").then((m) => m.TriggerPage),
  ),
  "/apps": page(() => import("./pages/apps/apps-page.tsx").then((m) => m.AppsPage)),
  "/apps/:app": page(() => import("./pages/app/app-page.tsx").then((m) => m.AppPage)),
  "/webhook": page(() => import("./pages/webhook/webhook-page.tsx").then((m) => m.WebhookPage)),
};

/** The whole console: the page of an address, for whoever is signed in. */
export function App(): VNode {
  return (
    <SignInGate>
      <CurrentPage />
    </SignInGate>
  );
}

function CurrentPage(): VNode {
  const path = usePath();
  for (const [pattern, Page] of Object.entries(pages)) {
    const found = matchPath(`${base}${pattern}`, path);
    if (found === undefined) continue;
    const { project = "", domain = "", ...params } = found;
    const scope = { project, domain };
    // Another address is another page, with a state of its own.
    return (
      <Shell scope={scope}>
        <ErrorBoundary key={path}>
          <Page key={path} scope={scope} params={params} />
        </ErrorBoundary>
      </Shell>
    );
  }
  return <Elsewhere path={path} />;
}

function Elsewhere({ path }: { readonly path: string }): VNode {
  const { project, domain } = matchPath(base, path) ?? {};
  const named = project === undefined || domain === undefined ? undefined : { project, domain };
  const scope = named ?? lastScope();
  const start = named !== undefined || matchPath("/v2", path) !== undefined;
  useEffect(() => {
    if (start) navigate(runsPath(scope), { replace: true });
  });
  return <Shell scope={scope}>{!start && <NoPage scope={scope} />}</Shell>;
}

function NoPage({ scope }: { readonly scope: Scope }): VNode {
  usePageTitle("No such page");
  return (
    <>
      <PageHeader title="No such page" />
      <Empty title="There is no page at this address">
        <p>
          Pages are below <code>/v2/domain/DOMAIN/project/PROJECT</code>: <code>runs</code>,{" "}
          <code>tasks</code>, <code>triggers</code>, <code>apps</code>, <code>webhook</code>.
        </p>
        <p>
          <a href={runsPath(scope)}>
            Go to the runs of <Text max={60}>{scope.project}</Text>
          </a>
        </p>
      </Empty>
    </>
  );
}
