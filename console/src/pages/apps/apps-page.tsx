import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { App } from "../../../../src/idl/apps.ts";
import { useWatch } from "../../control-plane/use-watch.ts";
import { useQuery } from "../../navigation/location.ts";
import type { PageProps } from "../../page-props.ts";
import { Empty } from "../../ui/empty.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { SearchBar } from "../../ui/search-bar.tsx";
import { WatchState } from "../../ui/watch-state.tsx";
import "./apps.css";
import { applyChange } from "./app-list.ts";
import { AppsTable } from "./apps-table.tsx";
import { NoApps } from "./no-apps.tsx";
import { Pager } from "./pager.tsx";
import { pageOf, searchApps } from "./search-apps.ts";
import { watchAppList } from "./watch-app-list.ts";

/** The apps of a project and domain, live. */
export function AppsPage({ scope }: PageProps): VNode {
  usePageTitle("Apps");
  const [known, setKnown] = useState<ReadonlyMap<string, App>>();
  const status = useWatch({
    key: `${scope.project}/${scope.domain}`,
    open: (signal) => watchAppList(scope, signal),
    onMessage: (change) => setKnown((before) => applyChange(before, change)),
  });
  const error = "error" in status ? status.error : undefined;
  return (
    <>
      <PageHeader title="Apps">
        <WatchState status={status} />
      </PageHeader>
      <ErrorNotice error={error} />
      {known === undefined ? (
        error === undefined && <Loading what="the apps" />
      ) : known.size === 0 ? (
        <NoApps scope={scope} />
      ) : (
        <AppList scope={scope} known={[...known.values()]} />
      )}
    </>
  );
}

function AppList({
  scope,
  known,
}: Pick<PageProps, "scope"> & { readonly known: readonly App[] }): VNode {
  const [query, change] = useQuery();
  const search = query.get("search") ?? "";
  const found = searchApps(known, search);
  const { items, page, pages } = pageOf(found, Number(query.get("page") ?? "1"));
  return (
    <>
      <SearchBar
        placeholder="Name, state or owner"
        value={search}
        found={
          found.length === known.length
            ? count(known.length)
            : `${found.length} of ${count(known.length)}`
        }
        onChange={(text) => change({ search: text, page: undefined })}
      />
      {found.length === 0 ? (
        <Empty title="No app is like that">
          <p>Another word may find it.</p>
        </Empty>
      ) : (
        <AppsTable scope={scope} apps={items} />
      )}
      <Pager
        page={page}
        pages={pages}
        onChange={(next) =>
          change({ page: next === 1 ? undefined : String(next) }, { replace: false })
        }
      />
    </>
  );
}

function count(apps: number): string {
  return apps === 1 ? "1 app" : `${apps} apps`;
}
