import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useCall } from "../../control-plane/use-call.ts";
import { useRefresh } from "../../control-plane/use-refresh.ts";
import { useQuery } from "../../navigation/location.ts";
import type { PageProps } from "../../page-props.ts";
import { type Scope, triggersPath } from "../../scope.ts";
import { toScopeOptions } from "../../text/scope-options.ts";
import { Empty } from "../../ui/empty.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Freshness } from "../../ui/freshness.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { SearchBar } from "../../ui/search-bar.tsx";
import { Text } from "../../ui/text.tsx";
import { readTriggers, searchSize } from "./read-triggers.ts";
import { nextFireOf, type TriggerRow } from "./trigger-row.ts";
import "./triggers.css";
import { TriggersTable } from "./triggers-table.tsx";

/** The triggers of a project and domain: what fires when, and a switch for each. */
export function TriggersPage({ scope }: PageProps): VNode {
  usePageTitle("Triggers");
  const [query, changeQuery] = useQuery();
  const search = (query.get("search") ?? "").trim();
  const token = query.get("from") ?? "";
  const { data, error, isLoading, reload } = useCall(
    JSON.stringify([scope, search, token]),
    (signal) => readTriggers(scope, { search, token }, signal),
  );
  const [refused, setRefused] = useState<{ readonly row: TriggerRow; readonly error: unknown }>();
  const rows = data?.rows ?? [];
  useRefresh(reload, { dueAt: firstDue(rows, data?.readAt) });
  return (
    <>
      <PageHeader title="Triggers">
        <Freshness readAt={data?.readAt} reload={reload} isLoading={isLoading} what="triggers" />
      </PageHeader>
      <SearchBar
        placeholder="Name of a trigger or task"
        value={search}
        onChange={(text) => changeQuery({ search: text, from: undefined })}
      />
      {refused !== undefined && (
        <div class="stack">
          <h2 class="visually-hidden">
            Trigger <Text max={100}>{refused.row.name}</Text> was not switched
          </h2>
          <ErrorNotice error={refused.error} />
        </div>
      )}
      <ErrorNotice error={error} retry={reload} />
      {data === undefined && error === undefined && <Loading what="triggers" />}
      {rows.length > 0 && (
        <TriggersTable
          scope={scope}
          rows={rows}
          reload={reload}
          onError={(row, failure) =>
            setRefused(failure === undefined ? undefined : { row, error: failure })
          }
        />
      )}
      {data !== undefined && rows.length === 0 && <NoTriggers scope={scope} search={search} />}
      {data !== undefined && <Pages scope={scope} search={search} from={token} next={data.token} />}
    </>
  );
}

function firstDue(rows: readonly TriggerRow[], readAt: number | undefined): number | undefined {
  if (readAt === undefined) return undefined;
  const due = rows.map((row) => nextFireOf(row, readAt) ?? Number.POSITIVE_INFINITY);
  const first = Math.min(...due);
  return Number.isFinite(first) ? first : undefined;
}

function NoTriggers({ scope, search }: { readonly scope: Scope; readonly search: string }): VNode {
  if (search !== "") {
    return (
      <Empty title="No trigger matches">
        <p>
          None of <Text max={60}>{scope.project}</Text>, <Text max={60}>{scope.domain}</Text> has “
          <Text max={100}>{search}</Text>” in its name or in that of its task.
        </p>
      </Empty>
    );
  }
  return (
    <Empty
      title="No triggers here yet"
      command={`flyte-webhook create trigger ${toScopeOptions(scope)} TASK NAME --schedule '0 2 * * *' --timezone Europe/Berlin`}
    >
      <p>
        A trigger starts runs of a task on a schedule. Make one for a task that is registered, or
        deploy a task that brings its own with <code>flyte-webhook deploy FILE</code>.
      </p>
    </Empty>
  );
}

function Pages({
  scope,
  search,
  from,
  next,
}: {
  readonly scope: Scope;
  readonly search: string;
  readonly from: string;
  readonly next: string;
}): VNode | null {
  if (search !== "") {
    if (next === "") return null;
    return <p class="muted">More than {searchSize} match. Search for more of the name.</p>;
  }
  if (from === "" && next === "") return null;
  const path = triggersPath(scope);
  return (
    <nav class="row" aria-label="Pages of the list">
      {from !== "" && <a href={path}>First page</a>}
      {next !== "" && <a href={`${path}?from=${encodeURIComponent(next)}`}>Next page</a>}
    </nav>
  );
}
