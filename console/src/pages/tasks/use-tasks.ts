import type { Task } from "../../../../src/idl/tasks.ts";
import { useCall } from "../../control-plane/use-call.ts";
import { usePages } from "../../control-plane/use-pages.ts";
import { listTasks, type TaskPage, type TasksAsked } from "./list-tasks.ts";

export interface TaskList {
  /** Undefined before the first answer. */
  readonly first: TaskPage | undefined;
  readonly tasks: readonly Task[];
  readonly error: unknown;
  readonly reload: () => void;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
}

/** The tasks that are asked for, page after page. The pages begin anew when the question changes. */
export function useTasks(asked: TasksAsked): TaskList {
  const {
    data: first,
    error,
    reload,
  } = useCall(JSON.stringify(asked), (signal) => listTasks(asked, "", signal));
  const { pages, hasMore, ...later } = usePages(first, {
    hasMore: ({ token }) => token !== "",
    readNext: ({ token }) => listTasks(asked, token),
  });
  return {
    first,
    tasks: withoutTwice(pages.flatMap((page) => page.tasks)),
    error: error ?? later.error,
    reload,
    hasMore,
    isLoadingMore: later.isLoading,
    loadMore: later.loadMore,
  };
}

/** A task that is deployed meanwhile moves others to the next page. */
function withoutTwice(tasks: readonly Task[]): readonly Task[] {
  const byName = new Map<string, Task>();
  for (const task of tasks) {
    const name = task.taskId?.name ?? "";
    if (!byName.has(name)) byName.set(name, task);
  }
  return [...byName.values()];
}
