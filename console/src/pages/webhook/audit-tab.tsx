import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { useCall } from "../../control-plane/use-call.ts";
import { usePages } from "../../control-plane/use-pages.ts";
import { useQuery } from "../../navigation/location.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import type { EndpointInfo, WebhookInfo } from "../../webhook/answers.ts";
import { type AuditLine, matchesFilter, readAuditLine } from "../../webhook/audit-line.ts";
import { listAudit } from "../../webhook/inspect-client.ts";
import { AuditDialog } from "./audit-dialog.tsx";
import { AuditTable } from "./audit-table.tsx";
import { NotInspector } from "./not-inspector.tsx";

/** Who did what through the webhook. */
export function AuditTab({ info }: { readonly info: WebhookInfo }): VNode {
  if (!info.audit) return <NoAudit />;
  if (!info.inspector) return <NotInspector what="the audit log" />;
  return <Audit info={info} />;
}

function Audit({ info }: { readonly info: WebhookInfo }): VNode {
  const { data, error, isLoading, reload } = useCall("audit", (signal) =>
    listAudit(undefined, signal),
  );
  const older = usePages(data, {
    hasMore: ({ next }) => next !== undefined,
    readNext: ({ next }) => listAudit(next),
  });
  const [query, changeQuery] = useQuery();
  const filter = query.get("search") ?? "";
  const showsAll = query.get("all") === "1";
  const [shown, setShown] = useState<AuditLine>();
  const lines = older.pages.flatMap((page) => page.lines).map(readAuditLine);
  const asked = new Set(info.endpoints.filter(isAsked).map(({ name }) => name));
  const others = showsAll ? lines : lines.filter((line) => !isOwn(line, asked));
  const found = others.filter((line) => matchesFilter(line, filter));
  return (
    <>
      <div class="row">
        <input
          type="search"
          aria-label="Filter the lines"
          placeholder="Filter: subject, task, run, rule …"
          class="filter"
          value={filter}
          onInput={(event) => changeQuery({ search: event.currentTarget.value })}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={showsAll}
            onChange={(event) =>
              changeQuery({ all: event.currentTarget.checked ? "1" : undefined })
            }
          />{" "}
          with what this page asks
        </label>
        <Button onClick={reload} isBusy={isLoading}>
          Refresh
        </Button>
      </div>
      <ErrorNotice error={error} retry={reload} />
      {data === undefined && error === undefined && <Loading what="the audit log" />}
      {data !== undefined && (
        <>
          <p class="muted" role="status">
            {countWords(found.length, lines.length)}
          </p>
          {found.length > 0 && <AuditTable lines={found} onOpen={setShown} />}
          <ErrorNotice error={older.error} />
          {older.pages.some(({ incomplete }) => incomplete === true) && (
            <p class="notice notice-warn">
              The file holds so much that the webhook has not written that it gave up reading it.
            </p>
          )}
          {older.hasMore && (
            <div class="row">
              <Button isBusy={older.isLoading} onClick={older.loadMore}>
                Load more
              </Button>
            </div>
          )}
        </>
      )}
      {shown !== undefined && <AuditDialog line={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

/** Whether this page asks an endpoint without changing anything. */
function isAsked({ group, path }: EndpointInfo): boolean {
  return group === "inspect" && !path.endsWith("/replay");
}

/** Whether a line is of a question such as this page asks, which would hide what people did. */
function isOwn({ endpoint, decision }: AuditLine, asked: ReadonlySet<string>): boolean {
  return asked.has(endpoint) && decision !== "denied";
}

function countWords(found: number, loaded: number): string {
  if (found === loaded) return `${loaded} ${loaded === 1 ? "line" : "lines"}`;
  return `${found} of ${loaded} lines that are loaded`;
}

function NoAudit(): VNode {
  return (
    <Empty
      title="This webhook writes no audit log"
      command="flyte-webhook dev --audit-file audit.log"
    >
      <p>
        The log has a line for each request: who did what, by which rule, with what result. The
        option <code>--audit-file</code> writes one.
      </p>
    </Empty>
  );
}
