import { useState } from "preact/hooks";
import type { Task } from "../../../../src/idl/tasks.ts";
import { useAction } from "../../control-plane/use-action.ts";
import { useCall } from "../../control-plane/use-call.ts";
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
  const [later, setLater] = useState<{
    readonly below: TaskPage;
    readonly pages: readonly TaskPage[];
  }>();
  const more = later !== undefined && later.below === first ? later.pages : [];
  const pages = first === undefined ? [] : [first, ...more];
  const token = pages.at(-1)?.token ?? "";
  const loading = useAction(async () => {
    if (first === undefined || token === "") return;
    const page = await listTasks(asked, token);
    setLater({ below: first, pages: [...more, page] });
  });
  return {
    first,
    tasks: withoutTwice(pages.flatMap((page) => page.tasks)),
    error: error ?? loading.error,
    reload,
    hasMore: token !== "",
    isLoadingMore: loading.isRunning,
    loadMore: () => void loading.run(),
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
