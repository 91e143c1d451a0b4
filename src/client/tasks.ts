import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Task, TaskService } from "../idl/tasks.ts";
import { startCall } from "./call-context.ts";
import type { TaskCalls, TaskSummary } from "./control-plane.ts";
import { findTask } from "./find-task.ts";
import { listPages, newestFirst } from "./list-pages.ts";
import { type Session, toProjectId, toScope } from "./session.ts";
import type { TaskCache } from "./task-cache.ts";
import { toTaskDetails } from "./task-details.ts";

/** The calls about tasks. */
export function createTaskCalls(session: Session, cache: TaskCache): TaskCalls {
  const { timeoutMs } = session.options;
  return {
    async get(ref, options) {
      return toTaskDetails(await findTask(session, cache, ref, startCall(options, timeoutMs)));
    },

    async list(given, options) {
      const call = startCall(options, timeoutMs);
      const scope = toScope(session, given);
      return listPages(undefined, async (limit, token) => {
        const answer = await session.channel.unary(
          TaskService.method.listTasks,
          {
            scopeBy: { case: "projectId", value: toProjectId(session, scope) },
            request: newestFirst(limit, token),
          },
          call,
        );
        return { items: answer.tasks.flatMap(toTaskSummary), token: answer.token };
      });
    },
  };
}

function toTaskSummary({ taskId, metadata }: Task): TaskSummary[] {
  if (taskId === undefined) return [];
  const { project, domain, name, version } = taskId;
  const deployedAt = metadata?.deployedAt;
  return [
    {
      project,
      domain,
      name,
      version,
      deployedAt: deployedAt === undefined ? undefined : timestampDate(deployedAt),
    },
  ];
}
