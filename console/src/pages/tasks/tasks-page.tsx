import type { VNode } from "preact";
import { useQuery } from "../../navigation/location.ts";
import type { PageProps } from "../../page-props.ts";
import type { Scope } from "../../scope.ts";
import { toScopeOptions } from "../../text/scope-options.ts";
import { Button } from "../../ui/button.tsx";
import { Empty } from "../../ui/empty.tsx";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Loading } from "../../ui/loading.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { usePageTitle } from "../../ui/page-title.ts";
import { SearchBar } from "../../ui/search-bar.tsx";
import { Text } from "../../ui/text.tsx";
import "./tasks.css";
import type { TaskOrder, TaskPage } from "./list-tasks.ts";
import { TasksTable } from "./tasks-table.tsx";
import { useTasks } from "./use-tasks.ts";

/** The tasks of a project and domain. */
export function TasksPage({ scope }: PageProps): VNode {
  usePageTitle("Tasks");
  const [query, change] = useQuery();
  const search = query.get("search") ?? "";
  const order: TaskOrder = query.get("order") === "name" ? "name" : "deployed";
  const { first, tasks, error, reload, hasMore, isLoadingMore, loadMore } = useTasks({
    scope,
    search,
    order,
  });
  return (
    <>
      <PageHeader title="Tasks" />
      {(search !== "" || first === undefined || first.total > 0) && (
        <SearchBar
          placeholder="Name of a task"
          value={search}
          found={first && countWords(first)}
          onChange={(text) => change({ search: text })}
        />
      )}
      <ErrorNotice error={error} retry={reload} />
      {first === undefined && error === undefined && <Loading what="the tasks" />}
      {first !== undefined && tasks.length === 0 && <NoTasks scope={scope} search={search} />}
      {tasks.length > 0 && (
        <TasksTable
          scope={scope}
          tasks={tasks}
          order={order}
          onOrder={(next) => change({ order: next === "name" ? next : undefined })}
        />
      )}
      {hasMore && (
        <div class="row">
          <Button onClick={loadMore} isBusy={isLoadingMore}>
            {isLoadingMore ? "Loading …" : "Load more"}
          </Button>
          <span class="muted">{tasks.length} are shown.</span>
        </div>
      )}
    </>
  );
}

function countWords({ found, total }: TaskPage): string {
  const all = total === 1 ? "1 task" : `${total.toLocaleString()} tasks`;
  return found === total ? all : `${found.toLocaleString()} of ${all}`;
}

function NoTasks({ scope, search }: { readonly scope: Scope; readonly search: string }): VNode {
  if (search !== "") {
    return (
      <Empty title="No task has that in its name">
        <p>
          There is none with “<Text max={80}>{search}</Text>” in <Text>{scope.project}</Text>,{" "}
          <Text>{scope.domain}</Text>.
        </p>
      </Empty>
    );
  }
  return (
    <Empty
      title="There is no task here yet"
      command={`flyte-webhook deploy tasks.ts ${toScopeOptions(scope)}`}
    >
      <p>Deploy the tasks of a file:</p>
    </Empty>
  );
}
